{{ report_due('supplier') }}
