{{ staged('demand_forecast') }}
