package io.fundamentallm.internal.report;

/** The style sheet of a report: light and dark, for screens of any width. */
public final class ReportStyle {
  /** Its text. */
  public static final String CSS =
      """
      :root{color-scheme:light dark;--ink:#222;--faint:#5c5c5c;--paper:#fff;--card:#f5f5f3;--grid:#dcdcd8;
      --a:#1768ac;--b:#b93a0b}
      @media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--faint:#a8a8a8;--paper:#161616;
      --card:#222;--grid:#3a3a3a;--a:#6cb4ee;--b:#fb923c}}
      *{box-sizing:border-box}
      body{margin:0 auto;padding:1rem;max-width:80rem;background:var(--paper);color:var(--ink);
      font:16px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
      h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1rem;margin:0 0 .4rem}h3{font-size:.95rem;margin:.4rem 0}
      p{margin:.3rem 0}.faint{color:var(--faint)}
      .grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}
      section{background:var(--card);border-radius:.5rem;padding:.8rem;margin:1rem 0}
      .grid section{margin:0;min-width:0}
      .loss{display:grid;gap:0 1rem;grid-template-columns:minmax(0,1fr)}
      .loss h2{grid-column:1/-1}
      @media(min-width:64rem){.loss.samples{grid-template-columns:minmax(0,2fr) minmax(0,1fr)}}
      svg{width:100%;height:auto;display:block}
      svg text{fill:var(--faint);font-size:11px}
      #loss svg{height:100%;touch-action:pan-y}#loss svg text{font-size:12px}
      #loss:focus-visible{outline:2px solid var(--a)}
      .left{text-anchor:end}.below{text-anchor:middle}
      path.grid{stroke:var(--grid)}path.axis{stroke:var(--faint);fill:none}
      polyline{fill:none;stroke-width:1.6;stroke-linejoin:round}#loss polyline{stroke-width:2}
      .a{stroke:var(--a)}.b{stroke:var(--b)}
      polyline.raw,#loss polyline.raw{stroke:var(--a);stroke-opacity:.3;stroke-width:1}
      circle.a{fill:var(--a)}circle.b{fill:var(--b)}
      .key{font-weight:600}.key.a{color:var(--a)}.key.b{color:var(--b)}
      .controls{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;align-items:center;min-height:2rem}
      .controls label{display:flex;gap:.5rem;align-items:center}
      .controls input{width:8rem;accent-color:var(--a)}
      output{font-variant-numeric:tabular-nums}
      #at{min-height:1.5em}
      table{border-collapse:collapse;width:100%}
      th,td{text-align:left;padding:.25rem .6rem .25rem 0;vertical-align:top;
      border-bottom:1px solid var(--grid)}
      td.n{font-variant-numeric:tabular-nums;white-space:nowrap}
      td.text{width:55%}
      pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}
      @media(max-width:40rem){
      .evaluations tr:first-child{display:none}
      .evaluations tr{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.4rem 0;border-bottom:1px solid var(--grid)}
      .evaluations td{border:0;padding:0}.evaluations td.text{width:100%}
      .evaluations td.n::before{content:attr(data-name) " ";color:var(--faint)}
      }
      """;

  private ReportStyle() {}
}
