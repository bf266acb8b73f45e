{{ report_refusals('courier') }}
