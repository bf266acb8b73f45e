{{ report_refusals('supplier') }}
