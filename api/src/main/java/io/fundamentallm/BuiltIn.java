package io.fundamentallm;

import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.SamplingDecoder;
import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Provider;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.List;

/** The parts that the api itself has, so that it can generate with only a runtime added. */
final class BuiltIn {
  /** The lowest priority, so that any module may replace a built-in part. */
  private static final int LOWEST = -1000;

  private static final int MAX_SEQUENCES = 1024;

  static final List<Provider> PROVIDERS =
      List.of(new GreedyStage(), new DrawStage(), new KeepBestStage(), new Sampling());

  private BuiltIn() {}

  private record GreedyStage() implements SamplerProvider {
    @Override
    public String name() {
      return "greedy";
    }

    @Override
    public int priority() {
      return LOWEST;
    }

    @Override
    public SamplerStage create(Options options) {
      return SamplerStage.choice(binding -> Sampler.greedy());
    }
  }

  private record DrawStage() implements SamplerProvider {
    @Override
    public String name() {
      return "draw";
    }

    @Override
    public int priority() {
      return LOWEST;
    }

    @Override
    public SamplerStage create(Options options) {
      return SamplerStage.choice(binding -> Sampler.draw());
    }
  }

  private record KeepBestStage() implements SamplerProvider {
    @Override
    public String name() {
      return "keep-best";
    }

    @Override
    public int priority() {
      return LOWEST;
    }

    @Override
    public SamplerStage create(Options options) {
      return SamplerStage.processor(binding -> step -> step.logits().keepBest());
    }
  }

  private record Sampling() implements DecoderProvider {
    @Override
    public String name() {
      return "sampling";
    }

    @Override
    public int priority() {
      return LOWEST;
    }

    @Override
    public Decoder create(Options options) {
      int n = options.integer("n", 1, 1, MAX_SEQUENCES);
      boolean ranked = options.has("best-of");
      int bestOf = options.integer("best-of", n, n, MAX_SEQUENCES);
      return new SamplingDecoder(n, bestOf, ranked);
    }
  }
}
