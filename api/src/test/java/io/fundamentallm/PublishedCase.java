package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.internal.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A case from the tests of another system, or a closed formula: facts transcribed into
 * sampling.json.
 *
 * @param name system and sampler, such as {@code vllm stop_strings}
 * @param kind what it is about, such as {@code stop}
 */
record PublishedCase(
    String id,
    String name,
    String kind,
    Map<String, @Nullable Object> params,
    Map<String, @Nullable Object> input,
    Map<String, @Nullable Object> expected) {

  /** Checks a case, or gives the reason why it is left out. */
  interface Rule {
    /** The reason, or null where the case was checked. */
    @Nullable String check(PublishedCase published);
  }

  /** Checks all cases of these kinds, and prints how many there were and which were left out. */
  static void checkAll(Set<String> kinds, Map<String, Rule> rules) {
    List<String> failures = new ArrayList<>();
    Map<String, List<String>> leftOut = new TreeMap<>();
    Set<String> used = new TreeSet<>();
    int checked = 0;
    for (PublishedCase published : load()) {
      if (!kinds.contains(published.kind)) {
        continue;
      }
      Rule rule = rules.getOrDefault(published.name, any -> "there is no such feature");
      try {
        String reason = rule.check(published);
        if (reason == null) {
          used.add(published.name);
          checked++;
        } else {
          leftOut.computeIfAbsent(reason, r -> new ArrayList<>()).add(published.id);
        }
      } catch (RuntimeException | AssertionError e) {
        failures.add(published.id + ": " + e);
      }
    }
    System.out.printf("Published cases of %s: %d hold, left out: %s%n", kinds, checked, leftOut);
    assertThat(failures).isEmpty();
    assertThat(used).as("rules that a case was checked by").isEqualTo(rules.keySet());
  }

  private static List<PublishedCase> load() {
    try (InputStream file =
        Objects.requireNonNull(PublishedCase.class.getResourceAsStream("/sampling.json"))) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      List<PublishedCase> cases = new ArrayList<>();
      for (Object one : list(Json.object(text), "cases")) {
        Map<String, @Nullable Object> fields = map(one);
        cases.add(
            new PublishedCase(
                (String) fields.get("id"),
                fields.get("system") + " " + fields.get("sampler"),
                (String) fields.get("kind"),
                map(fields.get("params")),
                map(fields.get("input")),
                map(fields.get("expected"))));
      }
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, @Nullable Object> map(@Nullable Object json) {
    return (Map<String, @Nullable Object>) Objects.requireNonNull(json);
  }

  static List<?> list(Map<String, @Nullable Object> json, String key) {
    Object value = json.get(key);
    return value == null ? List.of() : (List<?>) value;
  }

  static int[] ints(@Nullable Object list) {
    return ((List<?>) Objects.requireNonNull(list))
        .stream().mapToInt(number -> ((Number) number).intValue()).toArray();
  }

  static double[] reals(Map<String, @Nullable Object> json, String key) {
    return list(json, key).stream()
        .mapToDouble(number -> ((Number) number).doubleValue())
        .toArray();
  }

  static List<String> texts(Map<String, @Nullable Object> json, String key) {
    return list(json, key).stream().map(text -> (String) text).toList();
  }

  static double real(Map<String, @Nullable Object> json, String key) {
    return ((Number) Objects.requireNonNull(json.get(key), key)).doubleValue();
  }

  static int integer(Map<String, @Nullable Object> json, String key) {
    return (int) real(json, key);
  }

  static String text(Map<String, @Nullable Object> json, String key) {
    return (String) Objects.requireNonNull(json.get(key), key);
  }

  static boolean flag(Map<String, @Nullable Object> json, String key) {
    return Boolean.TRUE.equals(json.get(key));
  }
}
