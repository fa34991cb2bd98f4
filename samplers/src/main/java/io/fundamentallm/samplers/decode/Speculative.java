package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.Options;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code speculative}: a guess of the next tokens, which the model checks in one pass instead of
 * computing them one after the other. It is faster where guesses are good. The text is that of
 * {@code sampling}, exactly or in distribution, regardless of the guesses.
 *
 * <p>The <i>draft</i> guesses: the one in the {@link io.fundamentallm.decoding.DecodingOptions},
 * otherwise the model in the directory that the spec names with {@code draft="…"}, otherwise prompt
 * lookup. A directory is loaded with the first generation by {@link
 * io.fundamentallm.LanguageModels#shared(Path)}; it is an {@link java.io.UncheckedIOException} if
 * it cannot be read. A draft model must have the same vocabulary; another size is an {@link
 * IllegalArgumentException}. It guesses under a fork of the whole sampler chain.
 *
 * <p>Options:
 *
 * <ul>
 *   <li>{@code mode=compare} (default): each token is the one that plain decoding with this seed
 *       chooses, and the guess is kept as far as it agrees. The text is that of {@code sampling},
 *       token for token, if the runtime computes the same logits for several tokens as for one.
 *       Works with any sampler. A draft model samples with the sequence's own random numbers.
 *   <li>{@code mode=rejection}: speculative sampling (Leviathan et al. 2023; Chen et al. 2023): a
 *       token drawn from q is kept with probability min(1, p/q), otherwise one is drawn from max(0,
 *       p-q), normalised; after a guess that was kept whole, one more token is chosen from the last
 *       row. The text has the same distribution, and more of a model's guesses are kept than a
 *       comparison of independent draws would keep. A guess that was not drawn counts as certain.
 *       Needs a sampler with a {@link io.fundamentallm.decoding.Sampler#distribution}.
 *   <li>{@code tokens=8}: the most tokens of a guess, 1 to 128. The first guesses are that long; a
 *       guess that was right makes the next ones 2 longer, any other makes them 1 shorter, down to
 *       1 (the heuristic of Hugging Face's assisted generation). A guess never reaches beyond the
 *       context or the requested tokens, so it never triggers the context policy. If nothing is
 *       guessed, one token is decoded as usual.
 *   <li>Prompt lookup (Saxena 2023) alone: {@code max-n=3} and {@code min-n=1}, the longest and
 *       shortest n-gram at the end of the text to look for, 1 to 32, the longest first; {@code
 *       match=most-recent} (default), as in onnxruntime-genai (whose n-gram size also counts the
 *       token that follows, so it is one more), or {@code longest-earliest}, as in vLLM, sets which
 *       of several places decides; {@code chained=true} looks up again after each guessed token.
 * </ul>
 *
 * <p>The model, and the draft model, must have {@link io.fundamentallm.model.Capability#TRUNCATE}:
 * a model that would have to read the text again after each wrong guess is refused by name.
 */
public final class Speculative implements DecoderProvider {
  private static final int MAX_TOKENS = 128;
  private static final int LONGEST = 32;

  /** For {@link java.util.ServiceLoader}. */
  public Speculative() {}

  @Override
  public String name() {
    return "speculative";
  }

  @Override
  public Decoder create(Options options) {
    boolean rejection =
        options.choice("mode", "compare", List.of("compare", "rejection")).equals("rejection");
    int tokens = options.integer("tokens", 8, 1, MAX_TOKENS);
    if (options.has("draft")) {
      return new SpeculativeDecoder(rejection, tokens, null, directory(options));
    }
    int longest = options.integer("max-n", 3, 1, LONGEST);
    int shortest = options.integer("min-n", 1, 1, longest);
    boolean earliest =
        options
            .choice("match", "most-recent", List.of("most-recent", "longest-earliest"))
            .equals("longest-earliest");
    boolean chained = options.flag("chained", false);
    return new SpeculativeDecoder(
        rejection, tokens, new PromptLookup.Rule(longest, shortest, earliest, chained), null);
  }

  private static DraftDirectory directory(Options options) {
    String text = options.text("draft");
    try {
      return new DraftDirectory(Path.of(text));
    } catch (InvalidPathException e) {
      throw options.bad("draft", text, "the path of a model directory: " + e.getReason());
    }
  }
}
