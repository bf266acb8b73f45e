{{ report_refusals('plant') }}
