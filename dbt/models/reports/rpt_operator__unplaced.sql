{{ report_unplaced('operator') }}
