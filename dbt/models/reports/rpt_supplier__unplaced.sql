{{ report_unplaced('supplier') }}
