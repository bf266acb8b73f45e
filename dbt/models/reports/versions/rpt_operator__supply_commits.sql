{{ report_supply_commits('operator') }}
