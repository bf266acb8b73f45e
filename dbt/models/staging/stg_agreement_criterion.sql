{{ staged('agreement_criterion') }}
