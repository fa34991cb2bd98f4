package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.samplers.constraint.automaton.TokenTrie;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compiling costs what the text's size deserves, and ends when its thread is interrupted. The bound
 * of time is missed only by what grows out of all proportion.
 */
@Timeout(600)
class CompilingCostTest {
  private static final String LETTERS =
      IntStream.rangeClosed('a', 'z').mapToObj(Character::toString).collect(Collectors.joining());

  @Test
  void scattered_characters_of_a_class_are_merged_once() {
    String scattered = scattered(100_000);
    for (String stage : List.of("regex", "grammar")) {
      String one = stage.equals("regex") ? "[" + scattered + "]" : "root ::= [" + scattered + "]";
      TokenConstraint constraint = Bound.bytes(stage, one);
      assertThat(Bound.accepts(constraint, Character.toString(0x10000))).isTrue();
      assertThat(Bound.accepts(constraint, Character.toString(0x10001))).isFalse();
    }
  }

  private static String scattered(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Character.toString(0x10000 + 2 * i))
        .collect(Collectors.joining());
  }

  private static String list(int count, String between, IntFunction<String> item) {
    return IntStream.range(0, count).mapToObj(item).collect(Collectors.joining(between));
  }

  /** Specs of about 64 KB at most, most of them such that their parts multiply. */
  static Map<String, String[]> hostile() {
    Map<String, String[]> all = new LinkedHashMap<>();
    all.put("a large class many times", stage("regex", "\\p{L}".repeat(12_000)));
    all.put(
        "many large classes",
        stage("regex", list(6_000, "", i -> "[\\p{L}" + Character.toString(0x3400 + i) + "]")));
    all.put("a class of large classes", stage("regex", "[" + "\\p{L}\\P{Lu}".repeat(6_000) + "]"));
    all.put("nothing, many times", stage("regex", "(".repeat(240) + "){64}".repeat(240)));
    all.put("nothing or nothing", stage("regex", "(".repeat(240) + "|){2,3}".repeat(240)));
    all.put("counts of counts", stage("regex", "(".repeat(240) + "a" + "){3}".repeat(240)));
    all.put(
        "rules in the wrong order",
        stage(
            "grammar",
            "root ::= "
                + list(2_400, " ", i -> "a" + i)
                + list(2_400, "", i -> "\na" + i + "::=\"x\"|a" + (i + 1))
                + "\na2400::=\"y\""));
    all.put(
        "strings with a pattern and a length",
        stage(
            "json-schema",
            "{\"properties\":{"
                + list(
                    900,
                    ",",
                    i -> "\"p" + i + "\":{\"pattern\":\"^[a-c]*$\",\"maxLength\":9" + i % 9 + "}")
                + "}}"));
    all.put(
        "values beside a pattern",
        stage(
            "json-schema",
            "{\"pattern\":\"^(a|b|"
                + LETTERS
                + "){1,90}$\",\"enum\":["
                + list(7_000, ",", i -> "\"v" + i + "\"")
                + "]}"));
    all.put(
        "two lists of values",
        stage(
            "json-schema",
            "{\"allOf\":[{\"enum\":["
                + list(4_600, ",", i -> "[" + i + "]")
                + "]},{\"enum\":["
                + list(4_600, ",", i -> "[" + (9_999 - i) + "]")
                + "]}]}"));
    all.put(
        "many parts that must all hold",
        stage(
            "json-schema",
            "{\"allOf\":[" + list(1_500, ",", i -> "{\"properties\":{\"p" + i + "\":{}}}") + "]}"));
    all.put(
        "many uses of what is combined",
        stage(
            "json-schema",
            "{\"$defs\":{\"d\":{\"properties\":{"
                + list(1_500, ",", i -> "\"p" + i + "\":{}")
                + "}}},\"prefixItems\":["
                + list(1_000, ",", i -> "{\"$ref\":\"#/$defs/d\",\"minProperties\":1}")
                + "]}"));
    all.put(
        "branches beside keywords",
        stage(
            "json-schema",
            "{\"anyOf\":["
                + list(2_000, ",", i -> "{\"title\":\"\",\"minimum\":1}")
                + "],\"minLength\":1,"
                + list(1_000, ",", i -> "\"x" + i + "\":0")
                + "}"));
    all.put(
        "multiples of three hundred digits",
        stage(
            "json-schema",
            "{\"prefixItems\":["
                + list(
                    700,
                    ",",
                    i ->
                        "{\"type\":\"integer\",\"multipleOf\":1e295,\"minimum\":1e297,\"maximum\":9e297}")
                + "]}"));
    all.put(
        "remainders",
        stage(
            "json-schema",
            "{\"prefixItems\":["
                + list(1_500, ",", i -> "{\"type\":\"integer\",\"multipleOf\":249}")
                + "]}"));
    all.put(
        "items that all differ",
        stage(
            "json-schema",
            "{\"prefixItems\":["
                + list(
                    700,
                    ",",
                    i -> "{\"uniqueItems\":true,\"items\":{\"enum\":[0,1,2,3,4,5,6,7,8,9]}}")
                + "]}"));
    all.put(
        "a long name above many",
        stage(
            "json-schema",
            "{\"properties\":{\""
                + "n".repeat(20_000)
                + "\":{\"properties\":{"
                + list(2_500, ",", i -> "\"p" + i + "\":{}")
                + "}}}}"));
    all.put(
        "required names",
        stage("json-schema", "{\"required\":[" + list(6_000, ",", i -> "\"n" + i + "\"") + "]}"));
    all.put(
        "names unlike all these",
        stage(
            "json-schema",
            "{\"additionalProperties\":{},\"properties\":{"
                + list(5_000, ",", i -> "\"n" + i + "\":{}")
                + "}}"));
    all.put("values", stage("json-schema", "{\"enum\":[" + list(10_000, ",", i -> "" + i) + "]}"));
    all.put(
        "references to references",
        stage(
            "json-schema",
            "{\"$ref\":\"#/$defs/d0\",\"$defs\":{"
                + list(480, ",", i -> "\"d" + i + "\":{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}")
                + ",\"d480\":{}}}"));
    all.put("choices", stage("choice", list(10_000, "|", i -> "c" + i)));
    return all;
  }

  private static String[] stage(String name, String value) {
    return new String[] {name, value};
  }

  static List<String> hostileNames() {
    return new ArrayList<>(hostile().keySet());
  }

  /** How it ends does not matter here. */
  private static void compile(String[] spec) {
    try {
      Bound.stage(spec[0], spec[1]);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageNotContaining("java.lang");
    }
  }

  @ParameterizedTest
  @MethodSource("hostileNames")
  void no_spec_costs_more_than_its_size_deserves(String name) {
    String[] spec = hostile().get(name);
    assertThat(spec[1].length()).isLessThan(70_000);
    compile(spec);
  }

  @ParameterizedTest
  @MethodSource("hostileNames")
  void an_interrupted_thread_compiles_nothing(String name) throws Exception {
    String[] spec = hostile().get(name);
    Throwable[] end = new Throwable[1];
    boolean[] interrupted = new boolean[1];
    Thread compiling =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              try {
                Bound.stage(spec[0], spec[1]);
              } catch (Throwable e) {
                end[0] = e;
              }
              interrupted[0] = Thread.currentThread().isInterrupted();
            });
    compiling.start();
    compiling.join();

    assertThat(end[0])
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("interrupted");
    assertThat(interrupted[0]).as("who started the thread can still see it").isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"(.*a.{300}b){3}|(.*a.{300}c){3}", "(.*a.{30}){9}(.*b.{40}){9}"})
  void an_interruption_ends_what_takes_long(String pattern) throws Exception {
    String schema = "{\"pattern\":\"" + pattern + "\",\"minLength\":9000,\"maxLength\":90000}";
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread compiling = new Thread(() -> Bound.stage("json-schema", schema));
    compiling.setUncaughtExceptionHandler((thread, e) -> end.set(e));
    compiling.start();
    Thread.sleep(50); // in the middle, or at its beginning on a busy machine

    compiling.interrupt();

    compiling.join(300_000);
    assertThat(compiling.isAlive()).isFalse();
    assertThat(end.get()).isInstanceOf(CancellationException.class);
  }

  @Test
  void a_trie_is_not_built_for_nobody() {
    Pieces tokenizer = Pieces.of("a", "b");
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(() -> TokenTrie.of(tokenizer));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(TokenTrie.of(tokenizer).inner().longest()).isEqualTo(1);
  }
}
