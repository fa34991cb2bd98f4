package io.fundamentallm.training;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.report.Curve;
import io.fundamentallm.training.TrainingListener.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What a report shows of a training run, so that a resumed run can show it again. It is stored in
 * the page itself, as JSON in a comment. A page without it, or with a damaged one, has no history:
 * no training fails because of its report.
 *
 * @param curves by their names
 * @param evaluations in their order
 */
record ReportHistory(Map<String, Curve> curves, List<Evaluation> evaluations) {
  static final ReportHistory NONE = new ReportHistory(Map.of(), List.of());

  private static final String BEGIN = "<!--history ";
  private static final String END = "-->\n";

  /** A page with full curves has a few hundred kilobytes; samples may be long. */
  private static final long MAX_BYTES = 64 << 20;

  /** Reads what a page shows; nothing if there is no page. */
  static ReportHistory read(Path page) {
    try {
      if (!Files.isRegularFile(page) || Files.size(page) > MAX_BYTES) {
        return NONE;
      }
      String html = Files.readString(page);
      int begin = html.lastIndexOf(BEGIN);
      int end = html.indexOf(END, Math.max(0, begin));
      return begin < 0 || end < 0
          ? NONE
          : of(Json.object(html.substring(begin + BEGIN.length(), end)));
    } catch (IOException | IllegalArgumentException e) {
      return NONE;
    }
  }

  private static ReportHistory of(Map<String, @Nullable Object> json) {
    Map<String, Curve> curves = new HashMap<>();
    List<Evaluation> evaluations = new ArrayList<>();
    json.forEach(
        (name, value) -> {
          List<?> items = value instanceof List<?> list ? list : List.of();
          if (!name.equals("evaluations")) {
            curves.put(name, curve(items));
          } else {
            items.forEach(item -> evaluations.add(evaluation(item)));
          }
        });
    return new ReportHistory(curves, evaluations);
  }

  /** The width, then x and y of each point. */
  private static Curve curve(List<?> numbers) {
    List<Curve.Point> points = new ArrayList<>();
    for (int i = 1; i + 1 < numbers.size(); i += 2) {
      points.add(new Curve.Point(number(numbers.get(i)), number(numbers.get(i + 1))));
    }
    Curve curve = new Curve();
    int width = numbers.isEmpty() ? 1 : (int) number(numbers.get(0));
    curve.begin(points, Integer.highestOneBit(Math.max(1, width)), Double.POSITIVE_INFINITY);
    return curve;
  }

  private static Evaluation evaluation(@Nullable Object item) {
    if (item instanceof List<?> list
        && (list.size() == 6 || list.size() == 7)
        && list.get(5) instanceof String sample) {
      return new Evaluation(
          (int) number(list.get(0)),
          number(list.get(1)),
          number(list.get(2)),
          number(list.get(3)),
          Boolean.TRUE.equals(list.get(4)),
          sample,
          list.size() == 6 ? Double.NaN : number(list.get(6)));
    }
    throw new IllegalArgumentException("not an evaluation: " + item);
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** The part of a curve before a step, which the resumed training continues. */
  Curve curve(String name, int before) {
    Curve curve = new Curve();
    Curve whole = curves.get(name);
    if (whole != null) {
      curve.begin(whole.points(), whole.width(), before);
    }
    return curve;
  }

  /** Those before a step. */
  List<Evaluation> evaluations(int before) {
    return evaluations.stream().filter(one -> one.step() < before).toList();
  }

  /** The comment for the page. */
  String comment() {
    StringJoiner json = new StringJoiner(",", BEGIN + "{", "}" + END);
    curves.forEach(
        (name, curve) -> {
          StringJoiner numbers = new StringJoiner(",", "\"" + name + "\":[", "]");
          numbers.add(String.valueOf(curve.width()));
          for (Curve.Point point : curve.points()) {
            numbers.add(json(point.x())).add(json(point.y()));
          }
          json.add(numbers.toString());
        });
    StringJoiner all = new StringJoiner(",", "\"evaluations\":[", "]");
    for (Evaluation one : evaluations) {
      StringJoiner fields = new StringJoiner(",", "[", "]");
      fields.add(String.valueOf(one.step())).add(json(one.loss())).add(json(one.bitsPerByte()));
      fields.add(json(one.accuracy())).add(String.valueOf(one.whole())).add(json(one.sample()));
      if (one.pairs()) {
        fields.add(json(one.margin()));
      }
      all.add(fields.toString());
    }
    return json.add(all.toString()).toString();
  }

  private static String json(double value) {
    float shown = (float) value;
    return Float.isFinite(shown) ? Float.toString(shown) : "null";
  }

  /** Only letters and digits are unescaped, so nothing in it can end the comment. */
  private static String json(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      json.append(
          Character.isLetterOrDigit(c) || c == ' '
              ? String.valueOf(c)
              : "\\u%04x".formatted((int) c));
    }
    return json.append('"').toString();
  }
}
