package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.Stateful;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Sampler} promises. A stage is tested as a chain that ends in a choice. */
public abstract class SamplerContract {
  private static final int[] PROMPT = {1, 2, 3};

  private static final String KEEPS =
      "a stage that keeps something from token to token implements io.fundamentallm.model.Stateful";

  private Recipe<Sampler> recipe;
  private Binding binding;

  /** For the contract's subclasses. */
  protected SamplerContract() {}

  @BeforeEach
  void readRecipe() {
    recipe = sampler();
    binding = binding();
  }

  /** The recipe under test; bound anew for each generation. */
  protected abstract Recipe<Sampler> sampler();

  /** What the recipe is bound to; override where a stage needs a tokenizer. */
  protected Binding binding() {
    return Binding.of(ModelInfo.builder("contract", 24, 1024).build());
  }

  /**
   * Whether how many candidates there are changes what is chosen, impossible ones included, as for
   * a temperature that follows the entropy; override where it does.
   */
  protected boolean countsCandidates() {
    return false;
  }

  @Test
  void it_chooses_only_tokens_that_can_be_chosen() {
    Random random = new Random(1);
    Drive drive = new Drive(0);
    for (int i = 0; i < 200; i++) {
      float[] row = row(random);
      for (int token = 0; token < row.length; token++) {
        if (token != i % row.length && random.nextBoolean()) {
          row[token] = Float.NEGATIVE_INFINITY;
        }
      }
      int chosen = drive.choose(row);
      assertThat(chosen).isBetween(0, row.length - 1);
      assertThat(row[chosen]).isGreaterThan(Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void it_takes_the_only_token_there_is() {
    for (int token = 0; token < vocabularySize(); token++) {
      float[] row = new float[vocabularySize()];
      Arrays.fill(row, Float.NEGATIVE_INFINITY);
      row[token] = -3;
      assertThat(new Drive(5).choose(row)).isEqualTo(token);
    }
  }

  @Test
  void one_seed_always_chooses_the_same() {
    for (long seed = 0; seed < 5; seed++) {
      assertThat(new Drive(seed).choose(rows(40, seed)))
          .isEqualTo(new Drive(seed).choose(rows(40, seed)));
    }
  }

  @Test
  void generations_of_one_recipe_do_not_touch_each_other() {
    List<Integer> expected = new Drive(3).choose(rows(20, 1));
    Drive first = new Drive(3);
    Drive second = new Drive(4);
    List<Integer> actual = new ArrayList<>();
    float[][] others = rows(20, 2);
    for (float[] row : rows(20, 1)) {
      second.choose(others[actual.size()]);
      actual.add(first.choose(row));
    }
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void a_nan_is_an_error_that_names_the_position() {
    for (int bad : new int[] {0, vocabularySize() / 2, vocabularySize() - 1}) {
      float[] row = row(new Random(1));
      row[bad] = Float.NaN;
      assertThatExceptionOfType(NotFiniteException.class)
          .isThrownBy(() -> new Drive(0).choose(row.clone()))
          .withMessageMatching("(?s).*\\b" + PROMPT.length + "\\b.*");
    }
  }

  @Test
  void nothing_to_choose_from_is_an_error() {
    float[] row = new float[vocabularySize()];
    Arrays.fill(row, Float.NEGATIVE_INFINITY);
    assertThatExceptionOfType(NoTokenException.class).isThrownBy(() -> new Drive(0).choose(row));
  }

  @Test
  void the_distribution_sums_to_one_over_ascending_ids() {
    Random random = new Random(2);
    for (int i = 0; i < 20; i++) {
      float[] row = row(random);
      row[i % row.length] = Float.NEGATIVE_INFINITY;
      Optional<Distribution> distribution = new Drive(i).distribution(row);
      assumeTrue(distribution.isPresent(), "the choice is not a draw from a distribution");
      double total = 0;
      for (int index = 0; index < distribution.get().size(); index++) {
        double probability = distribution.get().probabilityAt(index);
        assertThat(probability).isBetween(0.0, 1.0);
        assertThat(index == 0 ? -1 : distribution.get().token(index - 1))
            .isLessThan(distribution.get().token(index));
        total += probability;
      }
      assertThat(total).isCloseTo(1, within(1e-9));
      assertThat(distribution.get().probability(i % row.length)).isZero();
    }
  }

  @Test
  void the_distribution_is_what_is_drawn_from() {
    float[] row = row(new Random(3));
    int draws = 4_000;
    int[] counts = new int[row.length];
    double[] expected = new double[row.length];
    for (int seed = 0; seed < draws; seed++) {
      // each has its own where a stage takes random numbers, too
      Optional<Distribution> distribution = new Drive(seed).distribution(row);
      assumeTrue(distribution.isPresent(), "the choice is not a draw from a distribution");
      for (int index = 0; index < distribution.get().size(); index++) {
        expected[distribution.get().token(index)] += distribution.get().probabilityAt(index);
      }
      counts[new Drive(seed).choose(row)]++;
    }
    for (int token = 0; token < row.length; token++) {
      double mean = expected[token];
      double deviation = Math.sqrt(mean * Math.max(0, 1 - mean / draws));
      // the draws of a token that comes now and then are not spread like a normal distribution's
      assertThat((double) counts[token])
          .as("how often token %d is drawn in %,d draws", token, draws)
          .isCloseTo(mean, within(mean == 0 ? 0 : 5 * deviation + 5));
    }
  }

  /**
   * As behind a stage that filters, where a candidate's index is no longer its token: a stage that
   * takes one for the other fails here.
   */
  @Test
  void what_an_earlier_stage_filtered_counts_like_what_is_impossible() {
    assumeTrue(!countsCandidates(), "the number of candidates matters");
    Random random = new Random(4);
    for (int i = 0; i < 20; i++) {
      BitSet left = new BitSet();
      for (int token = vocabularySize() / 4; token < vocabularySize(); token++) {
        left.set(token, token % 3 != i % 3);
      }
      float[] row = row(random);
      float[] impossible = row.clone();
      for (int token = 0; token < row.length; token++) {
        if (!left.get(token)) {
          impossible[token] = Float.NEGATIVE_INFINITY;
        }
      }
      assertThat(new Drive(i).choose(row, left))
          .as(
              "the token chosen where all but %s were filtered, beside that where the others have"
                  + " -infinity; a stage may take indices of Logits for tokens",
              left)
          .isEqualTo(new Drive(i).choose(impossible));
      Optional<Distribution> expected = new Drive(i).distribution(impossible);
      Optional<Distribution> actual = new Drive(i).distribution(row, left);
      assertThat(actual.isPresent()).isEqualTo(expected.isPresent());
      for (int token = 0; actual.isPresent() && token < row.length; token++) {
        assertThat(actual.get().probability(token))
            .as(
                "the probability of token %d where all but %s were filtered, beside that where the"
                    + " others have -infinity; a stage may take indices of Logits for tokens",
                token, left)
            .isCloseTo(expected.orElseThrow().probability(token), within(1e-6));
      }
    }
  }

  @Test
  void rolled_back_tokens_leave_no_trace() {
    for (int taken = 0; taken <= 6; taken++) {
      Drive drive = new Drive(9);
      drive.requireStateful();
      drive.choose(rows(8, 5));
      drive.choose(rows(taken, 6));
      drive.rollback(taken);
      Drive plain = new Drive(9);
      plain.choose(rows(8, 5));
      assertThat(drive.choose(rows(20, 7)))
          .as("the tokens after %d were rolled back; %s", taken, KEEPS)
          .isEqualTo(plain.choose(rows(20, 7)));
    }
  }

  @Test
  void forks_are_independent_copies_in_the_same_state() {
    Drive drive = new Drive(9);
    drive.requireStateful();
    drive.choose(rows(8, 5));
    Drive fork = drive.fork();
    Drive second = drive.fork();
    second.choose(rows(12, 8));
    List<Integer> expected = drive.choose(rows(20, 7));
    assertThat(fork.choose(rows(20, 7))).as("the tokens of a fork; %s", KEEPS).isEqualTo(expected);
  }

  @Test
  void more_tokens_than_were_accepted_cannot_be_rolled_back() {
    Drive drive = new Drive(9);
    Stateful stateful = drive.requireStateful();
    drive.choose(rows(3, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> stateful.rollback(4));
    assertThatIllegalArgumentException().isThrownBy(() -> stateful.rollback(-1));
  }

  private int vocabularySize() {
    return binding.model().vocabularySize();
  }

  private float[] row(Random random) {
    float[] row = new float[vocabularySize()];
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) (2 * random.nextGaussian());
    }
    return row;
  }

  private float[][] rows(int count, long seed) {
    Random random = new Random(seed);
    float[][] rows = new float[count][];
    for (int i = 0; i < count; i++) {
      rows[i] = row(random);
    }
    return rows;
  }

  /** A sampler with the history and step that a decoder would keep for it. */
  private final class Drive {
    private final long seed;
    private final TokenBuffer history;
    private final Step step;
    private final Sampler sampler;

    Drive(long seed) {
      this(seed, TokenBuffer.ofPrompt(PROMPT), recipe.bind(binding));
    }

    private Drive(long seed, TokenBuffer history, Sampler sampler) {
      this.seed = seed;
      this.history = history;
      this.step = new Step(binding.model(), history, new Randomness(seed, 0));
      this.sampler = sampler;
    }

    int choose(float[] row) {
      return choose(step.reset(row.clone()));
    }

    int choose(float[] row, BitSet left) {
      return choose(filtered(row, left));
    }

    private int choose(Step step) {
      int token = sampler.sample(step);
      history.append(token);
      sampler.accept(token);
      return token;
    }

    List<Integer> choose(float[][] rows) {
      return Arrays.stream(rows).map(this::choose).toList();
    }

    Optional<Distribution> distribution(float[] row, BitSet left) {
      return sampler.distribution(filtered(row, left));
    }

    private Step filtered(float[] row, BitSet left) {
      step.reset(row.clone()).logits().retainMask(left.toLongArray());
      return step;
    }

    Optional<Distribution> distribution(float[] row) {
      return sampler.distribution(step.reset(row.clone()));
    }

    Stateful requireStateful() {
      assumeTrue(sampler instanceof Stateful, "the sampler remembers nothing");
      return (Stateful) sampler;
    }

    void rollback(int tokens) {
      history.rollback(tokens);
      requireStateful().rollback(tokens);
    }

    Drive fork() {
      return new Drive(seed, history.fork(), (Sampler) requireStateful().fork());
    }
  }
}
