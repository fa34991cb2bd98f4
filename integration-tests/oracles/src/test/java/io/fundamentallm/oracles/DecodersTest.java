package io.fundamentallm.oracles;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Decoders;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.format.family.Families;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Decoders that look ahead and take back, on every family: windows that are shorter than the text,
 * layers with experts beside layers without them, and a text that outgrows LongRoPE's trained
 * context. Here plain greedy decoding is the oracle.
 */
class DecodersTest {
  private static final int NEW_TOKENS = 32;
  private static final int[] PROMPT =
      IntStream.range(0, 30).map(i -> i % 10 * 37 % 95 + ' ').toArray();

  @TempDir private Path folder;

  private record Named(String name, Family family, Map<String, Object> settings) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Named> models() {
    Stream<Named> all =
        Families.all().stream().map(family -> new Named(family.type(), family, settings(family)));
    Family phi = Families.named("phi3");
    List<Double> growing = IntStream.range(0, 24).mapToObj(i -> 1 + i / 4.0).toList();
    Map<String, Object> rope =
        Map.of(
            "rope_type",
            "longrope",
            "short_factor",
            Collections.nCopies(24, 1.0),
            "long_factor",
            growing);
    Map<String, Object> long1 =
        Map.of("rope_scaling", rope, "original_max_position_embeddings", PROMPT.length + 9);
    return Stream.concat(all, Stream.of(new Named("phi3 with LongRoPE", phi, long1)));
  }

  /** Windows where a family has any, and a layer without experts where it may. */
  private static Map<String, Object> settings(Family family) {
    Map<String, Object> settings = new LinkedHashMap<>();
    if (family.reads("sliding_window") && !family.required().containsKey("use_sliding_window")) {
      settings.put("sliding_window", 16);
      settings.put("use_sliding_window", true);
      settings.put("max_window_layers", 2);
    }
    settings.put("mlp_only_layers", List.of(1));
    settings.keySet().removeIf(key -> !family.reads(key));
    return settings;
  }

  @ParameterizedTest
  @MethodSource("models")
  void what_looks_ahead_and_takes_back_changes_nothing(Named named) throws IOException {
    Path directory = folder.resolve("miniature");
    Miniature.write(named.family, named.settings, directory);
    try (LanguageModel model = LanguageModels.load(directory, "cpu(threads=1)");
        LanguageModel coarse = LanguageModels.load(directory, "cpu(threads=1,weights=int4)")) {
      guess(model, coarse);
      takeBack(model);
      if (model.info().capabilities().contains(Capability.EVICT)) {
        evict(model);
      }
    }
  }

  private static void guess(LanguageModel model, LanguageModel coarse) {
    DecodingOptions plain =
        DecodingOptions.builder()
            .sampler(Samplers.parse("greedy"))
            .maxNewTokens(NEW_TOKENS)
            .build();
    int[] greedy = tokens(model, "sampling", plain);
    assertThat(greedy).hasSize(NEW_TOKENS);
    for (String decoder : List.of("beam(width=1)", "speculative(tokens=6)")) {
      assertThat(tokens(model, decoder, plain)).as(decoder).containsExactly(greedy);
    }
    // right and wrong guesses
    DecodingOptions drafted = plain.toBuilder().draft(coarse).build();
    assertThat(tokens(model, "speculative(tokens=4)", drafted)).containsExactly(greedy);
  }

  private static int[] tokens(LanguageModel model, String decoder, DecodingOptions options) {
    try (Generation generation = Decoders.parse(decoder).decode(model, PROMPT, options)) {
      return generation.stream().mapToInt(token -> token.id()).toArray();
    }
  }

  /** Forks and truncation leave no trace. */
  private static void takeBack(LanguageModel model) {
    try (Session session = opened(model, PROMPT)) {
      float[] expected = next(model, PROMPT, 'a');
      try (Session fork = session.fork();
          Session second = fork.fork()) {
        fork.append(new int[] {'x', 'y', 'z'});
        fork.truncate(PROMPT.length + 1);
        assertThat(next(fork, 'y')).isEqualTo(next(model, with('x'), 'y'));
        assertThat(next(second, 'a')).isEqualTo(expected);
      }
      session.append(IntStream.range(' ', ' ' + 50).toArray());
      session.truncate(PROMPT.length);
      assertThat(next(session, 'a')).isEqualTo(expected);
      session.truncate(7);
      assertThat(next(session, 'b')).isEqualTo(next(model, Arrays.copyOf(PROMPT, 7), 'b'));
    }
  }

  private static void evict(LanguageModel model) {
    try (Session session = opened(model, PROMPT);
        Session twin = opened(model, PROMPT);
        Session fork = session.fork()) {
      session.evict(4, 21);
      twin.evict(4, 21);
      assertThat(session.length()).isEqualTo(PROMPT.length - 17);
      float[] row = next(session, 'a');
      assertThat(row).doesNotContain(Float.NaN).isEqualTo(next(twin, 'a'));
      assertThat(next(fork, 'a')).isEqualTo(next(model, PROMPT, 'a'));
    }
  }

  private static int[] with(int token) {
    int[] longer = Arrays.copyOf(PROMPT, PROMPT.length + 1);
    longer[PROMPT.length] = token;
    return longer;
  }

  private static Session opened(LanguageModel model, int[] tokens) {
    Session session = model.open();
    session.append(tokens);
    return session;
  }

  private static float[] next(LanguageModel model, int[] past, int token) {
    try (Session session = opened(model, past)) {
      return next(session, token);
    }
  }

  private static float[] next(Session session, int token) {
    float[] logits = new float[Miniature.VOCABULARY];
    session.append(new int[] {token}, logits);
    return logits;
  }
}
