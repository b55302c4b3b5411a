"""The harness: proves that leads flow between a CRM and a marketing-automation tool, before going live."""
