package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.Registry;
import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code prefix_allowed_tokens_fn} of transformers is a constraint of an application's own. */
class GoldenAllowedTokensTest {
  /** A constraint that allows some tokens, always. */
  private record Allowed(List<Integer> tokens) implements TokenConstraint {
    @Override
    public long[] mask() {
      long[] mask = new long[1];
      tokens.forEach(token -> mask[0] |= 1L << token);
      return mask;
    }

    @Override
    public void accept(int token) {}

    @Override
    public Allowed fork() {
      return this;
    }

    @Override
    public void rollback(int tokens) {}
  }

  @Test
  void all_cases_hold() throws Exception {
    int ran = 0;
    for (Map<?, ?> test : GoldenSchemasTest.cases("prefix_allowed_tokens")) {
      List<Integer> allowed = integers(((Map<?, ?>) test.get("params")).get("allowed_ids"));
      int size = integers(List.of(((Map<?, ?>) test.get("input")).get("vocab_size"))).get(0);
      Map<?, ?> expected = (Map<?, ?>) test.get("expected");
      if (expected.containsKey("error")) {
        assertThatExceptionOfType(NoTokenException.class)
            .isThrownBy(() -> sampler(allowed, size).distribution(step(size)))
            .withMessageContaining("all 5 are filtered");
      } else {
        List<Integer> banned = integers(expected.get("banned_ids"));
        var distribution = sampler(allowed, size).distribution(step(size)).orElseThrow();
        for (int token = 0; token < size; token++) {
          assertThat(distribution.probability(token) == 0).isEqualTo(banned.contains(token));
        }
      }
      ran++;
    }
    assertThat(ran).isEqualTo(2);
  }

  private static List<Integer> integers(Object list) {
    List<Integer> integers = new ArrayList<>();
    ((List<?>) list).forEach(number -> integers.add(((Number) number).intValue()));
    return integers;
  }

  private static Sampler sampler(List<Integer> allowed, int size) {
    SamplerProvider provider =
        new SamplerProvider() {
          @Override
          public String name() {
            return "allowed";
          }

          @Override
          public SamplerStage create(Options options) {
            return SamplerStage.constraint(binding -> new Allowed(allowed));
          }
        };
    return Samplers.parse("allowed", Registry.standard().with(provider))
        .bind(Binding.of(ModelInfo.builder("test", size, 16).build()));
  }

  private static Step step(int size) {
    ModelInfo info = ModelInfo.builder("test", size, 16).build();
    return new Step(info, TokenBuffer.ofPrompt(0), new Randomness(0, 0)).reset(new float[size]);
  }
}
