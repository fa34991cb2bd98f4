package io.fundamentallm;

import io.fundamentallm.contract.SamplerContract;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Stateful;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import org.junit.jupiter.api.Nested;

/** The samplers of api itself, and a chain with a stage that remembers, pass the contract. */
class BuiltInSamplersTest {
  @Nested
  class Greedy_choice extends SamplerContract {
    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.greedy();
    }
  }

  @Nested
  class Plain_draw extends SamplerContract {
    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.draw();
    }
  }

  /** Among them tokens that come once in a million draws. */
  @Nested
  class Plain_draw_of_many_tokens extends SamplerContract {
    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.draw();
    }

    @Override
    protected Binding binding() {
      return Binding.of(ModelInfo.builder("contract", 2_000, 1024).build());
    }
  }

  @Nested
  class Keep_best_before_a_draw extends SamplerContract {
    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.parse("keep-best,draw", Registry.of());
    }
  }

  @Nested
  class A_chain_that_remembers extends SamplerContract {
    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.parse("counting", Registry.of().with(new CountingProvider()));
    }
  }

  /** Sharpens the scores by how many odd tokens there were so far. */
  private static final class Counting implements LogitsProcessor, Stateful {
    private final StringBuilder parities;

    Counting(CharSequence parities) {
      this.parities = new StringBuilder(parities);
    }

    @Override
    public void process(Step step) {
      float odd = parities.chars().filter(c -> c == '1').count();
      step.logits().divide(1 / (1 + odd / 4));
    }

    @Override
    public void accept(int token) {
      parities.append(token % 2 == 0 ? '0' : '1');
    }

    @Override
    public Counting fork() {
      return new Counting(parities);
    }

    @Override
    public void rollback(int tokens) {
      if (tokens < 0 || tokens > parities.length()) {
        throw new IllegalArgumentException("cannot roll back " + tokens);
      }
      parities.setLength(parities.length() - tokens);
    }
  }

  private static final class CountingProvider implements SamplerProvider {
    @Override
    public String name() {
      return "counting";
    }

    @Override
    public SamplerStage create(Options options) {
      return SamplerStage.processor(binding -> new Counting(""));
    }
  }
}
