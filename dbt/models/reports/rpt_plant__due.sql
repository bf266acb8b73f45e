{{ report_due('plant') }}
