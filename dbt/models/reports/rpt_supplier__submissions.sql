{{ report_submissions('supplier') }}
