{{ report_supply_commits('courier') }}
