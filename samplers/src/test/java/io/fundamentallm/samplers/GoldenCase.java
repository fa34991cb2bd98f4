package io.fundamentallm.samplers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One case of sampling.json; values are maps, lists, strings, doubles, booleans. */
public record GoldenCase(Map<String, Object> json) {
  /** All cases: those of the shared folder, where there is one, else the copy beside the tests. */
  public static List<GoldenCase> all() throws IOException {
    String shared = System.getProperty("fundamentallm.shared");
    Path file = Path.of(shared == null ? "" : shared, "golden", "sampling.json");
    byte[] text =
        shared != null && Files.exists(file)
            ? Files.readAllBytes(file)
            : GoldenCase.class.getResourceAsStream("/sampling.json").readAllBytes();
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      parser.nextToken();
      List<GoldenCase> cases = new ArrayList<>();
      for (Object element : (List<?>) object(read(parser)).get("cases")) {
        cases.add(new GoldenCase(object(element)));
      }
      return cases;
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }

  private static Object read(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          members.put(name, read(parser));
        }
        yield members;
      }
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(read(parser));
        }
        yield elements;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> "null";
      default -> parser.getText();
    };
  }

  String id() {
    return (String) json.get("id");
  }

  /** As {@code system/sampler}. */
  String kind() {
    return json.get("system") + "/" + json.get("sampler");
  }

  Map<String, Object> params() {
    return object(json.get("params"));
  }

  Map<String, Object> input() {
    return object(json.get("input"));
  }

  Map<String, Object> expected() {
    return object(json.get("expected"));
  }

  double tolerance() {
    return json.containsKey("tolerance_abs") ? Math.max(1e-7, number(json, "tolerance_abs")) : 1e-6;
  }

  /** A parameter as an option's text; whole numbers without a point. */
  String param(String name) {
    return text(number(params(), name));
  }

  String param(String name, double missing) {
    return params().containsKey(name) ? param(name) : text(missing);
  }

  double paramValue(String name) {
    return number(params(), name);
  }

  int[] history() {
    return json.containsKey("history") ? ints(json.get("history")) : new int[0];
  }

  static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  static double number(Map<String, Object> members, String name) {
    return number(members.get(name));
  }

  /** A number, or one of the words for what JSON lacks. */
  static double number(Object value) {
    return value instanceof Double number ? number : Double.parseDouble((String) value);
  }

  static double[] numbers(Object list) {
    return ((List<?>) list).stream().mapToDouble(GoldenCase::number).toArray();
  }

  static int[] ints(Object list) {
    return ((List<?>) list).stream().mapToInt(element -> (int) number(element)).toArray();
  }

  /** The logits that the input describes. */
  float[] row() {
    Map<String, Object> input = input();
    if (input.containsKey("probs")) {
      return Stages.logits(numbers(input.get("probs")));
    }
    if (input.get("logits") instanceof List<?> list) {
      double[] numbers = numbers(list);
      float[] row = new float[numbers.length];
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) numbers[i];
      }
      return row;
    }
    float[] row = new float[(int) number(input, "vocab_size")];
    if (input.containsKey("logit_of_token_i")) {
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) StrictMath.log(i);
      }
    } else if (input.get("logits") instanceof String words) { // 5.0 everywhere, 10.0 at 7
      String[] parts = words.split(", ", -1);
      java.util.Arrays.fill(row, Float.parseFloat(parts[0].replace(" everywhere", "")));
      for (int i = 1; i < parts.length; i++) {
        String[] place = parts[i].split(" at ", -1);
        row[Integer.parseInt(place[1])] = Float.parseFloat(place[0]);
      }
    }
    return row;
  }

  /** A list of ids, or of lists of ids, in the notation of specs. */
  static String tokens(Object list) {
    List<String> items = new ArrayList<>();
    for (Object element : (List<?>) list) {
      items.add(
          element instanceof List<?> sequence
              ? sequence.stream().map(id -> text(number(id))).reduce((a, b) -> a + "+" + b).get()
              : text(number(element)));
    }
    return String.join(";", items);
  }
}
