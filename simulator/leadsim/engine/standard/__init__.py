"""The objects that every org has from the start, as data: crm.py and marketing.py, one row a field."""
