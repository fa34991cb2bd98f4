package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ForkAndRollbackTest {
  private static final int VOCABULARY = 24;

  @Property(tries = 400)
  void a_fork_and_rolled_back_tokens_leave_no_trace(
      @ForAll long seed, @ForAll @IntRange(max = 12) int before, @ForAll @IntRange(max = 8) int k) {
    Random random = new Random(seed);
    String spec = chain(random);
    List<Integer> prompt = tokens(random, 1 + random.nextInt(6));
    List<Integer> first = tokens(random, before);
    Drive plain = new Drive(spec, prompt);
    Drive drive = new Drive(spec, prompt);
    assertThat(drive.walk(first, 1)).isEqualTo(plain.walk(first, 1));

    Drive fork = drive.fork();
    fork.walk(tokens(random, 1 + random.nextInt(9)), 2);
    drive.walk(tokens(random, k), 3);
    drive.rollback(k);
    Drive second = drive.fork();
    fork.rollback(1);

    List<Integer> rest = tokens(random, 8);
    List<String> expected = plain.walk(rest, 4);
    assertThat(drive.walk(rest, 4)).as(spec).isEqualTo(expected);
    assertThat(second.walk(rest, 4)).as(spec).isEqualTo(expected);
  }

  @Property(tries = 100)
  void everything_can_be_rolled_back(@ForAll long seed, @ForAll @IntRange(max = 9) int k) {
    Random random = new Random(seed);
    String spec = chain(random);
    List<Integer> prompt = tokens(random, 3);
    Drive drive = new Drive(spec, prompt);
    drive.walk(tokens(random, k), 1);
    drive.rollback(k);
    List<Integer> rest = tokens(random, 6);
    assertThat(drive.walk(rest, 2)).as(spec).isEqualTo(new Drive(spec, prompt).walk(rest, 2));
  }

  /** A chain that a random one came to: the forced tokens are what is kept the best of. */
  @Test
  void the_best_of_forced_tokens_is_kept_where_all_are_filtered() {
    String spec = "keep-best,forced-end-token(max-new-tokens=1,tokens=5;6),suppressed-tokens=5;6";
    Drive drive = new Drive(spec, List.of(1, 2));
    assertThat(drive.walk(List.of(0), 1)).containsExactly("5:1.0 ");
  }

  /** Otherwise a property over chains of stages would say nothing about it. */
  @Test
  void every_stage_of_this_module_is_among_those_tried() throws java.io.IOException {
    Set<String> tried = new TreeSet<>();
    for (String spec : AllStages.PROCESSORS) {
      tried.add(spec.split("[=(]", -1)[0]);
    }
    for (String spec : AllStages.CHOICES) {
      tried.add(spec.split("[=(]", -1)[0]);
    }
    int providers = 0;
    for (var provider : java.util.ServiceLoader.load(io.fundamentallm.spi.SamplerProvider.class)) {
      if (provider.getClass().getModule() == TopP.class.getModule()
          && provider.getClass().getPackage() == TopP.class.getPackage()) {
        assertThat(tried).contains(provider.name());
        providers++;
      }
    }
    assertThat(providers).isGreaterThan(20);
  }

  private static String chain(Random random) {
    List<String> stages = new ArrayList<>();
    stages.add("keep-best"); // random chains may filter everything
    for (int n = random.nextInt(6); n >= 0; n--) {
      stages.add(AllStages.PROCESSORS.get(random.nextInt(AllStages.PROCESSORS.size())));
    }
    stages.add(AllStages.CHOICES.get(random.nextInt(AllStages.CHOICES.size())));
    return String.join(",", stages);
  }

  /** Few different ones, so that runs repeat. */
  private static List<Integer> tokens(Random random, int n) {
    return random.ints(n, 0, 8).boxed().toList();
  }

  /** A sampler with the history that a decoder would keep for it. */
  private static final class Drive {
    private final TokenBuffer history;
    private final Sampler sampler;
    private final Step step;

    Drive(String spec, List<Integer> prompt) {
      this(
          TokenBuffer.ofPrompt(prompt.stream().mapToInt(Integer::intValue).toArray()),
          Samplers.parse(spec).bind(Binding.of(INFO)));
    }

    private static final ModelInfo INFO =
        ModelInfo.builder("test", VOCABULARY, 64).endTokens(Set.of(0)).build();

    private Drive(TokenBuffer history, Sampler sampler) {
      this.history = history;
      this.sampler = sampler;
      this.step = new Step(INFO, history, new Randomness(5, 0));
    }

    /** What each token could have been, when these are taken. */
    List<String> walk(List<Integer> tokens, long rows) {
      List<String> seen = new ArrayList<>();
      Random random = new Random(rows);
      for (int token : tokens) {
        float[] row = new float[VOCABULARY];
        for (int i = 0; i < row.length; i++) {
          row[i] = (float) (2 * random.nextGaussian());
        }
        Distribution distribution = sampler.distribution(step.reset(row)).orElseThrow();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < distribution.size(); i++) {
          text.append(distribution.token(i)).append(':').append(distribution.probabilityAt(i));
          text.append(' ');
        }
        seen.add(text.toString());
        history.append(token);
        sampler.accept(token);
      }
      return seen;
    }

    void rollback(int tokens) {
      history.rollback(tokens);
      ((Stateful) sampler).rollback(tokens);
    }

    Drive fork() {
      return new Drive(history.fork(), (Sampler) ((Stateful) sampler).fork());
    }
  }
}
