package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Decoders;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * With a {@link PrefixCache} each text is that of its seed without one, whatever stands before the
 * model: prompts that begin like earlier prompts and texts, in caches that are too small for all.
 */
class CachedPrefixesTest {
  private static final int VOCABULARY = 12;
  private static final int CONTEXT = 24;
  private static final int[] NEGATIVE = {3, 1};
  private static final BatchingLimits CHUNKS = new BatchingLimits(5, 3, 2, 100);

  private static ToyModel toy() {
    return new ToyModel(ToyModel.info(VOCABULARY, CONTEXT).build(), ToyModel.hashing());
  }

  private static LanguageModel shared() {
    return new SharedModel(toy(), () -> {});
  }

  private static LanguageModel guided(LanguageModel model) {
    return LanguageModels.guided(model, NEGATIVE, 1.8);
  }

  private static LanguageModel batching(LanguageModel model) {
    return LanguageModels.batching(model, CHUNKS);
  }

  private static final Map<String, Supplier<LanguageModel>> MODELS =
      new TreeMap<>(
          Map.of(
              "plain", CachedPrefixesTest::toy,
              "shared", CachedPrefixesTest::shared,
              "batching", () -> batching(toy()),
              "guided", () -> guided(toy()),
              "guided over batching", () -> guided(batching(toy())),
              "guided over shared", () -> guided(shared()),
              "batching over guided", () -> batching(guided(toy())),
              "batching over shared", () -> batching(shared()),
              "guided over guided", () -> guided(guided(toy())),
              "recurrent", () -> new RecurrentModel(VOCABULARY, CONTEXT)));

  static Stream<String> models() {
    return MODELS.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("models")
  void the_text_is_the_same_as_without(String name) {
    Random random = new Random(name.hashCode());
    long cached = 0;
    for (int trial = 0; trial < 60; trial++) {
      LanguageModel model = MODELS.get(name).get();
      List<int[]> texts = new ArrayList<>();
      texts.add(new int[] {1, 2, 3});
      try (PrefixCache cache = PrefixCache.of(10 + random.nextInt(80))) {
        for (int i = 0; i < 8; i++) {
          int[] prompt = prompt(random, texts);
          DecodingOptions options = options(random);
          Decoder decoder = decoder(random);
          Result plain = Result.of(decoder.decode(model, prompt, options));
          DecodingOptions with = options.toBuilder().prefixCache(cache).build();
          Generation generation = decoder.decode(model, prompt, with);
          assertThat(Result.of(generation))
              .as("%s, trial %d, prompt %s", name, trial, Arrays.toString(prompt))
              .isEqualTo(plain);
          cached += generation.summary().cachedTokens();
          texts.add(joined(prompt, plain.tokens()));
        }
      }
      model.close();
    }
    if (name.contains("guided")) {
      assertThat(cached).as("what is not safe is not cached").isZero();
    } else {
      assertThat(cached).as("else nothing was shown").isGreaterThan(500);
    }
  }

  /** What a caller sees of a generation. */
  private record Result(List<Integer> tokens, Object end) {
    static Result of(Generation generation) {
      List<Integer> tokens = new ArrayList<>();
      try {
        generation.forEachRemaining(token -> tokens.add(token.id()));
        return new Result(tokens, generation.sequences());
      } catch (IllegalStateException e) {
        return new Result(tokens, String.valueOf(e.getMessage())); // the policy may refuse
      } finally {
        generation.close();
      }
    }
  }

  /** Begins as something before it did, and then goes its own way or not. */
  private static int[] prompt(Random random, List<int[]> texts) {
    int[] text = texts.get(random.nextInt(texts.size()));
    int[] beginning = Arrays.copyOf(text, random.nextInt(Math.min(text.length, CONTEXT - 8)) + 1);
    int more = random.nextInt(4);
    return joined(beginning, random.ints(more, 0, VOCABULARY).boxed().toList());
  }

  private static int[] joined(int[] first, List<Integer> second) {
    int[] all = Arrays.copyOf(first, first.length + second.size());
    for (int i = 0; i < second.size(); i++) {
      all[first.length + i] = second.get(i);
    }
    return all;
  }

  private static DecodingOptions options(Random random) {
    ContextPolicy policy =
        switch (random.nextInt(4)) {
          case 0 -> ContextPolicy.stop();
          case 1 -> ContextPolicy.truncateLeft();
          case 2 -> ContextPolicy.slide(3);
          default -> ContextPolicy.attentionSinks(2);
        };
    return DecodingOptions.builder()
        .seed(random.nextLong())
        .maxNewTokens(1 + random.nextInt(30))
        .contextPolicy(policy)
        .build();
  }

  private static Decoder decoder(Random random) {
    return Decoders.parse(
        List.of("sampling", "sampling", "sampling(n=2)", "sampling(best-of=3,n=2)")
            .get(random.nextInt(4)));
  }

  /** What an application may do with what it takes: cut it off, fork it, and put it back. */
  @ParameterizedTest
  @MethodSource("models")
  void what_is_taken_goes_on_as_if_it_had_been_read(String name) {
    Random random = new Random(name.hashCode());
    LanguageModel model = MODELS.get(name).get();
    for (int trial = 0; trial < 300; trial++) {
      try (PrefixCache cache = PrefixCache.of(60)) {
        int[] text = random.ints(8, 0, 3).toArray();
        try (Session session = model.open()) {
          int prompt = 1 + random.nextInt(7);
          append(session, Arrays.copyOf(text, prompt));
          append(session, Arrays.copyOfRange(text, prompt, 8));
          int kept = 1 + random.nextInt(8);
          session.truncate(kept);
          cache.put(model, Arrays.copyOf(text, kept), session);
        }
        int[] other = joined(Arrays.copyOf(text, random.nextInt(8)), List.of(7, 8));
        try (Session fresh = model.open();
            Session taken = taken(cache, model, other)) {
          float[] expected = append(fresh, other);
          int[] rest = Arrays.copyOfRange(other, taken.length(), other.length);
          assertThat(append(taken, rest)).as("%s, trial %d", name, trial).isEqualTo(expected);
          assertThat(append(taken, 5)).isEqualTo(append(fresh, 5));
          try (Session fork = taken.fork()) {
            taken.truncate(other.length);
            fresh.truncate(other.length);
            assertThat(append(taken, 6)).isEqualTo(append(fresh, 6));
            fresh.truncate(other.length);
            append(fresh, 5);
            assertThat(append(fork, 9)).isEqualTo(append(fresh, 9));
          }
        }
      }
    }
    model.close();
  }

  private static Session taken(PrefixCache cache, LanguageModel model, int[] tokens) {
    Session taken = cache.take(model, tokens);
    return taken == null ? model.open() : taken;
  }

  private static float[] append(Session session, int... tokens) {
    float[] row = new float[VOCABULARY];
    session.append(tokens, row);
    return row;
  }

  @Test
  void nothing_behind_an_eviction_is_cached() {
    RecurrentModel model = new RecurrentModel(VOCABULARY, 8);
    try (PrefixCache cache = PrefixCache.of(50)) {
      DecodingOptions options =
          DecodingOptions.builder()
              .seed(1)
              .maxNewTokens(10)
              .contextPolicy(ContextPolicy.attentionSinks(2))
              .prefixCache(cache)
              .build();
      Decoders.sampling().decode(model, new int[] {1, 2, 3}, options).forEachRemaining(t -> {});
      assertThat(cache.size()).isEqualTo(3);
    }
    assertThat(model.openSessions()).isZero();
  }
}
