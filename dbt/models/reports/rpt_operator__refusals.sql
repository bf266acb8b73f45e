{{ report_refusals('operator') }}
