{{ report_due('operator') }}
