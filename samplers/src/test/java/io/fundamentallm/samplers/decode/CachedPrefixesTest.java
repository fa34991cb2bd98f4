package io.fundamentallm.samplers.decode;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * With a {@link PrefixCache} each decoder writes what it writes without one, with plain and guided
 * models, batched or not, as the model and as the draft.
 */
class CachedPrefixesTest {
  private static final int VOCABULARY = 12;
  private static final int CONTEXT = 24;

  private static LanguageModel model(int kind) {
    LanguageModel toy =
        new ToyModel(ToyModel.info(VOCABULARY, CONTEXT).build(), ToyModel.hashing());
    return switch (kind) {
      case 0 -> toy;
      case 1 -> batching(toy);
      case 2 -> guided(toy);
      case 3 -> guided(batching(toy));
      default -> batching(guided(toy));
    };
  }

  private static LanguageModel guided(LanguageModel model) {
    return LanguageModels.guided(model, new int[] {3, 1}, 1.8);
  }

  private static LanguageModel batching(LanguageModel model) {
    return LanguageModels.batching(model, new BatchingLimits(5, 3, 2, 100));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sampling",
        "beam(width=3)",
        "beam(width=4,groups=2,n=2)",
        "beam(width=3,sample=true)",
        "speculative(tokens=4)",
        "speculative(mode=rejection,tokens=3)",
        "contrastive(k=3)"
      })
  void the_text_is_the_same_as_without(String spec) {
    Random random = new Random(spec.hashCode());
    Decoder decoder = Decoders.parse(spec);
    for (int trial = 0; trial < 40; trial++) {
      int kind = trial % 5;
      LanguageModel model = model(kind);
      LanguageModel draft = model(random.nextInt(5));
      List<int[]> texts = new ArrayList<>(List.of(new int[] {1, 2, 3}));
      try (PrefixCache cache = PrefixCache.of(10 + random.nextInt(90))) {
        for (int i = 0; i < 6; i++) {
          int[] prompt = prompt(random, texts);
          DecodingOptions.Builder options =
              DecodingOptions.builder()
                  .seed(random.nextLong())
                  .maxNewTokens(1 + random.nextInt(20))
                  .contextPolicy(
                      random.nextBoolean() ? ContextPolicy.stop() : ContextPolicy.truncateLeft());
          if (random.nextBoolean()) {
            options.draft(draft);
          }
          List<Integer> plain = ids(decoder.decode(model, prompt, options.build()));
          DecodingOptions with = options.prefixCache(cache).build();
          assertThat(ids(decoder.decode(model, prompt, with)))
              .as("%s, model %d, prompt %s", spec, kind, Arrays.toString(prompt))
              .isEqualTo(plain);
          texts.add(joined(prompt, plain));
        }
      }
      model.close();
      draft.close();
    }
  }

  private static List<Integer> ids(Generation generation) {
    List<Integer> ids = new ArrayList<>();
    try (generation) {
      generation.forEachRemaining(token -> ids.add(token.id()));
    }
    return ids;
  }

  /** Begins as something before it did, and then goes its own way or not. */
  private static int[] prompt(Random random, List<int[]> texts) {
    int[] text = texts.get(random.nextInt(texts.size()));
    int[] beginning = Arrays.copyOf(text, random.nextInt(Math.min(text.length, CONTEXT - 8)) + 1);
    return joined(beginning, random.ints(random.nextInt(4), 0, VOCABULARY).boxed().toList());
  }

  private static int[] joined(int[] first, List<Integer> second) {
    int[] all = Arrays.copyOf(first, first.length + second.size());
    for (int i = 0; i < second.size(); i++) {
      all[first.length + i] = second.get(i);
    }
    return all;
  }
}
