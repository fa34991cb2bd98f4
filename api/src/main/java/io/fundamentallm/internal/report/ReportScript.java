package io.fundamentallm.internal.report;

/**
 * The script of a report: it draws the loss as large as the screen allows, smooths it, and shows
 * the figures and the sample of the step under the pointer. Without it the page shows the small
 * picture that it replaces. It reads the history in the page, and nothing from elsewhere.
 */
public final class ReportScript {
  /** Its text. */
  public static final String JAVASCRIPT =
      """
      (() => {
      'use strict';
      const box = document.getElementById('loss');
      const comment = [...document.body.childNodes].find(
        node => node.nodeType === Node.COMMENT_NODE && node.data.startsWith('history '));
      if (!box || !comment) return;
      const history = JSON.parse(comment.data.slice('history '.length));
      const numbers = history.loss.slice(1);
      const loss = [];
      for (let i = 0; i + 1 < numbers.length; i += 2) loss.push([numbers[i], numbers[i + 1]]);
      const evaluations = history.evaluations.filter(one => one[1] !== null);
      if (loss.length === 0 && evaluations.length === 0) return;
      const slider = document.getElementById('smoothing');
      const figures = document.getElementById('at');
      const sample = document.getElementById('sample');
      const remember = (key, value) => {
        try {
          if (value !== undefined) sessionStorage.setItem(key, value);
          return sessionStorage.getItem(key);
        } catch (e) {
          return null; // a page opened from a file may have no storage
        }
      };
      slider.value = remember('smoothing') ?? slider.value;
      document.getElementById('controls').hidden = false;

      // The mean of the values before, each weighing so much less than the one after it.
      const smooth = weight => {
        let sum = 0, total = 0;
        return loss.map(([x, y]) => {
          sum = weight * sum + (1 - weight) * y;
          total = weight * total + (1 - weight);
          return [x, sum / total];
        });
      };
      const tick = range => {
        const power = 10 ** Math.floor(Math.log10(range / 5));
        const steps = range / 5 / power;
        return power * (steps > 5 ? 10 : steps > 2 ? 5 : steps > 1 ? 2 : 1);
      };
      const digits = step => Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      const element = (name, attributes, text) => {
        const made = document.createElementNS('http://www.w3.org/2000/svg', name);
        for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
        if (text !== undefined) made.textContent = text;
        return made;
      };
      const count = step => Math.round(step).toLocaleString('en-US');
      let scale, smoothed, marker;

      const draw = () => {
        const width = Math.max(240, box.clientWidth);
        const height = Math.round(Math.min(460, Math.max(260, width * 0.45)));
        smoothed = smooth(+slider.value);
        const points = [...loss, ...evaluations];
        const first = Math.min(...points.map(one => one[0]));
        const last = Math.max(first + 1, ...points.map(one => one[0]));
        let low = Math.min(...points.map(one => one[1]));
        let high = Math.max(...points.map(one => one[1]));
        const up = tick(Math.max(high - low, Math.abs(high) * 0.05, 1e-9));
        low = Math.floor(low / up) * up;
        high = Math.max(low + up, Math.ceil(high / up) * up);
        const labels = [];
        for (let value = low; value < high + up / 2; value += up) labels.push(value.toFixed(digits(up)));
        const left = 12 + 7.5 * Math.max(...labels.map(label => label.length));
        const right = width - 12, top = 10, bottom = height - 38;
        scale = {
          x: step => left + (right - left) * (step - first) / (last - first),
          y: value => bottom - (bottom - top) * (value - low) / (high - low),
          step: x => first + (last - first) * (x - left) / (right - left),
          top, bottom, first, last, left, right
        };
        const svg = element('svg', {
          viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'loss over steps'});
        labels.forEach((label, i) => {
          const y = scale.y(low + i * up);
          svg.append(element('path', {class: 'grid', d: `M${left} ${y}H${right}`}),
            element('text', {class: 'left', x: left - 6, y: y + 4}, label));
        });
        let between = Math.max(1, tick(last - first));
        while (scale.x(first + between) - scale.x(first) < 8 * count(last).length + 16) between *= 2;
        for (let step = Math.ceil(first / between) * between; step <= last; step += between) {
          const half = 4 * count(step).length;
          const x = Math.min(right - half, Math.max(left + half, scale.x(step)));
          svg.append(element('text', {class: 'below', x, y: bottom + 18}, count(step)));
        }
        svg.append(element('path', {class: 'axis', d: `M${left} ${bottom}H${right}`}),
          element('text', {class: 'below', x: (left + right) / 2, y: height - 4}, 'step'));
        const line = (list, style) => svg.append(element('polyline', {class: style,
          points: list.map(([x, y]) => `${scale.x(x).toFixed(1)},${scale.y(y).toFixed(1)}`).join(' ')}));
        line(loss, 'raw');
        line(smoothed, 'a');
        line(evaluations, 'b');
        for (const [x, y] of evaluations) {
          svg.append(element('circle', {class: 'b', cx: scale.x(x), cy: scale.y(y), r: 3}));
        }
        marker = element('g', {visibility: 'hidden'});
        svg.append(marker);
        box.replaceChildren(svg);
        box.style.height = height + 'px';
      };

      const nearest = (list, step) => list.reduce((best, one, i) =>
        Math.abs(one[0] - step) < Math.abs(list[best][0] - step) ? i : best, 0);
      let shown = null;
      const show = step => {
        shown = Math.min(scale.last, Math.max(scale.first, step));
        const words = [];
        marker.replaceChildren();
        const at = (point, style) => marker.append(element('circle',
          {class: style, cx: scale.x(point[0]), cy: scale.y(point[1]), r: 4}));
        let x = shown;
        if (loss.length > 0) {
          const i = nearest(loss, shown);
          x = loss[i][0];
          words.push(`step ${count(x)}`, `loss ${loss[i][1].toFixed(4)}`,
            `smoothed ${smoothed[i][1].toFixed(4)}`);
          at(smoothed[i], 'a');
        }
        const before = evaluations.filter(one => one[0] <= x + 0.5).pop() ?? evaluations[0];
        if (before) {
          words.push(`validation ${before[1].toFixed(4)} at step ${count(before[0])}`);
          at(before, 'b');
          if (sample) {
            sample.querySelector('h3').textContent = `After step ${count(before[0])} it writes`;
            sample.querySelector('pre').textContent = before[5];
          }
        }
        marker.prepend(element('path',
          {class: 'axis', d: `M${scale.x(x)} ${scale.top}V${scale.bottom}`}));
        marker.setAttribute('visibility', 'visible');
        figures.textContent = words.join(', ');
      };
      box.addEventListener('pointermove', event => {
        const area = box.getBoundingClientRect();
        show(scale.step(event.clientX - area.left));
      });
      box.addEventListener('keydown', event => {
        const way = {ArrowLeft: -1, ArrowRight: 1}[event.key];
        if (way) {
          show((shown ?? scale.last) + way * Math.max(1, (scale.last - scale.first) / 50));
          event.preventDefault();
        }
      });
      slider.addEventListener('input', () => {
        remember('smoothing', slider.value);
        draw();
        if (shown !== null) show(shown);
      });
      new ResizeObserver(() => {
        draw();
        show(shown ?? scale.last);
      }).observe(box.parentElement);
      })();
      """;

  private ReportScript() {}
}
