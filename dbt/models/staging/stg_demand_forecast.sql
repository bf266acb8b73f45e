{{ staged('demand_forecast', history=ref('int_versions__stated')) }}
