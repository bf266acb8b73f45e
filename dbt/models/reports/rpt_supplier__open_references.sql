{{ report_open_references('supplier') }}
