{{ report_due('courier') }}
