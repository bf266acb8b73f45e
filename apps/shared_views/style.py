"""The few rules of style that the theme file cannot say."""

from __future__ import annotations

STYLE = """<style>
.stMainBlockContainer{max-width:1240px;padding-top:3.2rem;padding-bottom:3rem}
@media (max-width:640px){.stMainBlockContainer{padding-left:1rem;padding-right:1rem}}
[data-testid=stPageLink] p{white-space:normal}
.vw-edition{font-size:.82rem;opacity:.78;margin:-.4rem 0 .2rem}
.vw-lead{font-size:1.05rem;line-height:1.5;max-width:62rem;margin:0}
.vw-grid{display:grid;gap:.75rem;grid-template-columns:repeat(var(--vw-fit,auto-fill),minmax(min(100%,var(--vw-min,15rem)),1fr))}
.vw-card{border:1px solid color-mix(in srgb,currentColor 16%,transparent);border-radius:.7rem;padding:.85rem 1rem;min-width:0;
 background:color-mix(in srgb,currentColor 2%,transparent)}
.vw-card h4{margin:0;padding:0;font-size:.95rem;font-weight:600;line-height:1.3}
.vw-quiet{opacity:.75;font-size:.82rem;line-height:1.4}
.vw-big{font-size:1.75rem;font-weight:650;line-height:1.15;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.vw-unit{font-size:.95rem;font-weight:500;opacity:.8}
.vw-row{display:flex;gap:.5rem;align-items:baseline;justify-content:space-between;flex-wrap:wrap}
.vw-head{display:flex;gap:.6rem;align-items:flex-start;justify-content:space-between}
.vw-head h4{flex:1 1 0;min-width:0;overflow-wrap:anywhere}.vw-head .vw-badge{flex:none}
.vw-badge{display:inline-flex;gap:.35rem;align-items:center;border-radius:1rem;padding:.08rem .6rem;font-size:.8rem;font-weight:600;
 border:1px solid currentColor;white-space:nowrap}
.vw-green{color:#187A5B}.vw-orange{color:#9A5200}.vw-red{color:#AE322B}.vw-gray{color:#5E737B}
.vw-dark .vw-green{color:#6CCBA3}.vw-dark .vw-orange{color:#F1B45C}.vw-dark .vw-red{color:#F0877F}.vw-dark .vw-gray{color:#9DB1B8}
.vw-verdict{border-left:.4rem solid;border-radius:.5rem;padding:.7rem 1rem;background:color-mix(in srgb,currentColor 9%,transparent)}
.vw-verdict>*{color:var(--vw-ink)}.vw-verdict .vw-word{color:inherit;font-weight:700;font-size:1.1rem}
.vw-card details{font-size:.85rem;line-height:1.45;margin-top:.5rem}.vw-card summary{cursor:pointer;opacity:.8}
.vw-drawing{display:inline-block;vertical-align:-1px;height:auto}.vw-card .vw-drawing{display:block;margin:.25rem 0}
.vw-steps{display:grid;gap:.2rem 1.2rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,14rem),1fr));margin-top:.3rem}
.vw-step{padding:.4rem 0;min-width:0}.vw-step .vw-head b{flex:1 1 0;min-width:0}
@media (min-width:900px){.vw-wide{grid-column:span 2}}
.vw-who{padding:.45rem 0;border-bottom:1px solid color-mix(in srgb,currentColor 12%,transparent)}
.vw-scroll{overflow:auto;max-height:36rem;border:1px solid color-mix(in srgb,currentColor 16%,transparent);border-radius:.6rem}
.vw-refused{width:100%;min-width:38rem;border-collapse:collapse;font-size:.88rem;line-height:1.4}
.vw-refused th{text-align:left;font-weight:600;opacity:.8}.vw-refused th,.vw-refused td{padding:.45rem .7rem;vertical-align:top;border:0}
.vw-refused td{border-top:1px solid color-mix(in srgb,currentColor 12%,transparent);overflow-wrap:anywhere}
.vw-refused td.vw-name{white-space:nowrap}
@media (max-width:640px){.vw-scroll{max-height:none}.vw-refused{min-width:0}.vw-refused thead{display:none}.vw-refused tr{display:block;padding:.5rem .7rem;
 border-top:1px solid color-mix(in srgb,currentColor 12%,transparent)}.vw-refused tr:first-child{border-top:0}
 .vw-refused td{display:flex;gap:.6rem;border:0;padding:.1rem 0}.vw-refused td::before{content:attr(data-label);flex:0 0 6.2rem;opacity:.7;font-size:.82rem}}
.vw-notice{display:flex;gap:.7rem;align-items:baseline;padding:.5rem .2rem;border-bottom:1px solid color-mix(in srgb,currentColor 12%,transparent)}
.vw-sign{flex:none;width:1.3rem;height:1.3rem;line-height:1.25rem;text-align:center;border-radius:50%;border:1px solid currentColor;font-size:.75rem;font-weight:700}
.vw-moves{margin:.2rem 0 0;padding-left:1.1rem;font-size:.88rem;line-height:1.5;overflow-wrap:anywhere}
.vw-key{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.82rem;opacity:.85}
.vw-badges{display:flex;flex-wrap:wrap;gap:.4rem}.vw-title{margin:.4rem 0 .1rem;padding:0;font-size:1.2rem;line-height:1.3;font-weight:650}
.vw-chain{display:flex;flex-wrap:wrap;gap:.3rem}.vw-link{display:inline-flex;gap:.3rem;align-items:center;border:1px solid currentColor;border-radius:.4rem;
 padding:.1rem .5rem;font-size:.8rem;font-weight:600}
.vw-gain{font-size:.9rem;line-height:1.4;margin:.3rem 0;font-weight:600}
.vw-chosen{border-color:#2A8C8C;box-shadow:0 0 0 2px #2A8C8C inset}
.st-key-risk [data-testid=stHorizontalBlock]{gap:.3rem 1rem;padding-bottom:.45rem;border-bottom:1px solid color-mix(in srgb,currentColor 12%,transparent)}
.st-key-risk .vw-who{border:0;padding-bottom:0}
.st-key-agenda [data-stale=true],.st-key-live [data-stale=true]{opacity:1!important}
.st-key-agenda [data-testid=stBaseButton-primary]{background:color-mix(in srgb,#2A8C8C 13%,transparent);border:2px solid #2A8C8C}
.st-key-agenda [data-testid=stBaseButton-primary] p{color:#17343E}
@media (max-width:640px){.st-key-meeting>div>[data-testid=stHorizontalBlock],.st-key-meeting>[data-testid=stHorizontalBlock]{flex-direction:column-reverse}}
.st-key-agenda button{justify-content:flex-start;text-align:left;padding:.45rem .8rem}.st-key-agenda button>*,.st-key-agenda button>*>*{width:100%;justify-content:flex-start;text-align:left}
.st-key-agenda button p{line-height:1.35;white-space:normal}
</style>"""

# White writing on the light accent of the dark theme cannot be read.
DARK_STYLE = (
    "<style>[data-testid=stBaseButton-primary]:enabled p,[data-testid=stBaseButton-primary]:enabled span{color:#0D1A20}"
    ".st-key-agenda [data-testid=stBaseButton-primary]:enabled p,.st-key-agenda [data-testid=stBaseButton-primary]:enabled span{color:#E2EDEF}</style>"
)
