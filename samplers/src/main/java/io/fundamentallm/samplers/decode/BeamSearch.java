package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import java.util.List;

/**
 * {@code beam(width=4,length-penalty=0.6)}: keeps the {@code width} most probable beginnings at
 * each step (one more token each), and returns the best of the finished texts (Lowerre: "The HARPY
 * speech recognition system", 1976; the rules in detail are those of Hugging Face transformers
 * 4.53).
 *
 * <ul>
 *   <li>The processors of the sampler and the constraint run on the raw logits of each hypothesis;
 *       its log-probabilities are the log-softmax of what they leave, in double. The last choice of
 *       the sampler is not used. A token with a score of -infinity is never taken; a hypothesis
 *       that cannot continue is dropped. A token that is certain without scores has the
 *       log-probability 0.
 *   <li>The candidates of a step are ordered by the sum of their log-probabilities; among equals
 *       the one of the better hypothesis comes first, then the lower token id. Of the best {@code
 *       width * max(2, 1 + E)}, E being the number of end and stop tokens, those that end a
 *       hypothesis are finished if they are among the first {@code width}, and the first {@code
 *       width} of the others continue; those that then have {@code maxNewTokens} are finished as
 *       they are.
 *   <li>The score of a finished hypothesis is {@code sum / length^length-penalty}, length being the
 *       number of generated tokens, including the end token but not the prompt. The best {@code
 *       width} are kept; among equals those that finished first.
 *   <li>Once {@code width} are kept, {@code early-stopping=proven} (the default, "never" in
 *       transformers) stops when the best live hypothesis can never get a better score than the
 *       worst kept one; {@code false} when it would not at its present length; {@code true} at
 *       once. A width of 1 has nothing to compare: it is greedy and stops at the first end.
 * </ul>
 *
 * <p>{@code n}, up to {@code width}, is how many are returned, best first, by {@link
 * io.fundamentallm.decoding.Generation#sequences()}; the generation iterates the best once the
 * search has ended. If a time limit cuts the search off, there is none.
 *
 * <p>{@code sample=true} draws the candidates of a step, as many as it would order, one after the
 * other without replacement, from the softmax of the sums of all continuations (the beam sampling
 * of transformers). The random numbers come from the options' seed and sequence.
 *
 * <p>{@code groups=G} divides the width into G beams that run side by side, and {@code
 * diversity-penalty=D} subtracts D from the log-probability of a token for each hypothesis of an
 * earlier group that takes it at the same step and does not end with it, unless by its length
 * (Vijayakumar et al.: "Diverse beam search", 2016; Hamming diversity). The penalties count in the
 * sums and scores. Each group stops by itself; the hypotheses they kept are compared at the end.
 *
 * <p>Hypotheses share their past by {@link io.fundamentallm.model.Session#fork()}; all live ones
 * are read in one pass per step.
 */
public final class BeamSearch implements DecoderProvider {
  private static final int MAX_BEAMS = 1 << 16;
  private static final List<String> STOPPING = List.of("true", "false", "proven");

  /** Used by {@link java.util.ServiceLoader}, or to add this decoder to a registry by hand. */
  public BeamSearch() {}

  @Override
  public String name() {
    return "beam";
  }

  @Override
  public Decoder create(Options options) {
    int width = options.integer("width", 4, 1, MAX_BEAMS);
    int groups = options.integer("groups", 1, 1, width);
    if (width % groups != 0) {
      throw options.bad("groups", Integer.toString(groups), "a divisor of the width " + width);
    }
    double diversity = options.real("diversity-penalty", 0, Range.atLeast(0));
    if (diversity > 0 && groups == 1) {
      throw options.bad(
          "diversity-penalty", Double.toString(diversity), "0, which it must be with one group");
    }
    return new BeamDecoder(
        width,
        options.integer("n", 1, 1, width),
        options.real("length-penalty", 1, Range.closed(-10, 10)),
        EarlyStopping.of(options.choice("early-stopping", "proven", STOPPING)),
        options.flag("sample", false),
        groups,
        diversity);
  }
}
