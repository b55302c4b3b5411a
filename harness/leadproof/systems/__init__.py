"""One client per vendor behind two small ports, CRM and marketing."""
