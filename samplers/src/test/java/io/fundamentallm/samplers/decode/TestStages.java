package io.fundamentallm.samplers.decode;

import io.fundamentallm.Registry;
import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.History;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.Stateful;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;

/** Small stages of every kind: of the history, of the scores, with a state, with a language. */
final class TestStages {
  private static final Registry REGISTRY =
      Registry.of(TestStages.class.getClassLoader())
          .with(
              stage("seen", TestStages::seen),
              stage("near-best", TestStages::nearBest),
              stage("push", TestStages::push),
              stage("tiring", options -> SamplerStage.processor(binding -> new Tiring(0, 0))),
              stage("no-echo", options -> SamplerStage.constraint(NoEcho::of)));

  private TestStages() {}

  /** Parses a spec that may name them. */
  static Recipe<Sampler> parse(String spec) {
    return Samplers.parse(spec, REGISTRY);
  }

  private static SamplerProvider stage(String name, Function<Options, SamplerStage> create) {
    return new SamplerProvider() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public SamplerStage create(Options options) {
        return create.apply(options);
      }
    };
  }

  /** Lowers each token as often as it stands in the history. */
  private static SamplerStage seen(Options options) {
    float penalty = (float) options.real("value", Range.closed(0, 10));
    return SamplerStage.processor(
        binding ->
            step -> {
              History history = step.history();
              Logits logits = step.logits();
              for (int i = 0; i < history.length(); i++) {
                int index = logits.indexOf(history.token(i));
                if (index >= 0) {
                  logits.setScore(index, logits.score(index) - penalty);
                }
              }
            });
  }

  /** Keeps what is at least this part of the best one's probability. */
  private static SamplerStage nearBest(Options options) {
    float gap = (float) StrictMath.log(options.real("value", Range.closed(0.001, 1)));
    return SamplerStage.processor(
        binding ->
            step -> {
              float floor = step.logits().maximum() + gap;
              step.logits().retainIf(i -> step.logits().score(i) >= floor);
            });
  }

  /** Raises one token. */
  private static SamplerStage push(Options options) {
    int token = options.integer("value", 0, Integer.MAX_VALUE);
    return SamplerStage.processor(
        binding ->
            step -> {
              int index = step.logits().indexOf(token);
              if (index >= 0) {
                step.logits().setScore(index, step.logits().score(index) + 1);
              }
            });
  }

  /** Something with a state of its own: flattens the scores after each run of three tokens. */
  private static final class Tiring implements LogitsProcessor, Stateful {
    private int accepted;
    private long sum;

    Tiring(int accepted, long sum) {
      this.accepted = accepted;
      this.sum = sum;
    }

    @Override
    public void process(Step step) {
      if (accepted % 3 == 2) {
        step.logits().divide(1 + (sum % 4) / 4f);
      }
    }

    @Override
    public void accept(int token) {
      accepted++;
      sum += token;
    }

    @Override
    public Tiring fork() {
      return new Tiring(accepted, sum);
    }

    @Override
    public void rollback(int tokens) {
      throw new UnsupportedOperationException("speculation takes nothing back");
    }
  }

  /** No token twice in a row; after the first one always the second, and then the first no more. */
  private static final class NoEcho implements TokenConstraint {
    private final int vocabularySize;
    private final List<Integer> accepted;

    private NoEcho(int vocabularySize, List<Integer> accepted) {
      this.vocabularySize = vocabularySize;
      this.accepted = accepted;
    }

    static NoEcho of(Binding binding) {
      return new NoEcho(binding.model().vocabularySize(), new ArrayList<>());
    }

    @Override
    public long[] mask() {
      BitSet allowed = new BitSet();
      allowed.set(0, vocabularySize);
      if (!accepted.isEmpty()) {
        allowed.clear(accepted.get(accepted.size() - 1));
      }
      if (accepted.contains(0)) {
        allowed.clear(0);
      }
      if (forced() >= 0) {
        allowed.clear();
        allowed.set(forced());
      }
      return Arrays.copyOf(allowed.toLongArray(), (vocabularySize + 63) / 64);
    }

    @Override
    public int forced() {
      return !accepted.isEmpty() && accepted.get(accepted.size() - 1) == 0 ? 1 : -1;
    }

    @Override
    public void accept(int token) {
      if ((mask()[token / 64] >>> token & 1) == 0) {
        throw new ConstraintException("token " + token + " is not allowed after " + accepted);
      }
      accepted.add(token);
    }

    @Override
    public TokenConstraint fork() {
      return new NoEcho(vocabularySize, new ArrayList<>(accepted));
    }

    @Override
    public void rollback(int tokens) {
      throw new UnsupportedOperationException("speculation takes nothing back");
    }
  }
}
