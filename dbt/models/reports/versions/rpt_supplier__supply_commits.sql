{{ report_supply_commits('supplier') }}
