// jsforce, unmodified, walks through the sandbox and prints what it found as JSON. It is told a proxy, nothing else.
const jsforce = require('jsforce');

async function main() {
  const conn = new jsforce.Connection({
    loginUrl: 'https://login.salesforce.com', httpProxy: process.env.SANDBOX_PROXY, version: '59.0',
  });
  const found = {};
  const user = await conn.login('sync', 'leadproof-sync');
  found.user = user.id;
  const made = await conn.sobject('Lead').create({LastName: 'Node', Company: 'Acme', Country: 'NO'});
  found.created = made.success;
  found.owner = (await conn.query(`SELECT Owner.Username FROM Lead WHERE Id = '${made.id}'`)).records[0].Owner.Username;
  const many = Array.from({length: 450}, (_, n) => ({LastName: `Many ${n}`, Company: 'Acme'}));
  const rows = await conn.sobject('Lead').create(many, {allowRecursive: true});
  found.collection = rows.filter((row) => row.success).length;
  const names = [];
  await new Promise((resolve, reject) => {
    conn.query('SELECT LastName FROM Lead').on('record', (one) => names.push(one.LastName))
      .on('end', resolve).on('error', reject).run({autoFetch: true, maxFetch: 5000});
  });
  found.queried = new Set(names).size;
  found.upserted = (await conn.sobject('Lead').upsert({Key__c: 'n-1', LastName: 'U', Company: 'Acme'}, 'Key__c')).success;
  found.updated = (await conn.sobject('Lead').update({Id: made.id, City: 'Oslo'})).success;
  const read = await conn.sobject('Lead').retrieve(made.id);
  found.city = read.City;
  found.described = (await conn.sobject('Lead').describe()).fields.some((field) => field.name === 'Score__c');
  try {
    await conn.sobject('Lead').create({FirstName: 'x'});
  } catch (error) {
    found.refused = [error.errorCode, error.message];
  }
  try {
    await conn.query('SELECT Nope FROM Lead');
  } catch (error) {
    found.badQuery = error.errorCode;
  }
  const job = conn.bulk2.createJob({operation: 'insert', object: 'Lead'});
  await job.open();
  await job.uploadData([{LastName: 'Bulk', Company: 'Acme'}, {LastName: 'Bad'}]);
  await job.close();
  await job.poll(200, 10000);
  found.bulk = [(await job.getSuccessfulResults()).length, (await job.getFailedResults()).length];
  const converted = await conn.soap.convertLead({leadId: made.id, convertedStatus: 'Closed - Converted', doNotCreateOpportunity: true});
  found.converted = converted.success;
  const info = await conn.identity();
  found.identity = info.username;
  found.deleted = (await conn.sobject('Lead').destroy(rows[0].id)).success;
  console.log(JSON.stringify(found));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
