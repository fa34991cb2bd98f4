package io.fundamentallm.samplers.decode;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.DraftProposer;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Generations;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Transcript;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Speculative} makes. Thread-safe.
 *
 * @param rejection whether guesses are checked by rejection sampling, rather than by comparing
 * @param tokens the most tokens of a draft, at least 1
 * @param lookup the rule of prompt lookup; either this or a directory is set
 * @param directory the directory of the model that drafts instead of prompt lookup
 */
record SpeculativeDecoder(
    boolean rejection,
    int tokens,
    PromptLookup.@Nullable Rule lookup,
    @Nullable DraftDirectory directory)
    implements Decoder {
  @Override
  public Generation decode(LanguageModel target, int[] prompt, DecodingOptions options) {
    requireTruncate("speculative", target);
    long seed = Generations.seed(options);
    Transcript transcript =
        Transcript.begin(target.info(), prompt, options, new Randomness(seed, options.sequence()));
    return Generations.of(
        new SpeculativeSource(
            target, options, this, transcript, proposer(transcript.binding(), target, options)),
        options,
        seed,
        prompt.length);
  }

  private DraftProposer proposer(Binding binding, LanguageModel target, DecodingOptions options) {
    if (options.draftProposer().isPresent()) {
      return options.draftProposer().get().bind(binding);
    }
    LanguageModel draft = options.draftModel().orElse(null);
    if (draft == null && directory != null) {
      draft = directory.load();
    }
    if (draft == null) {
      return new PromptLookup(requireNonNull(lookup, "neither a rule nor a directory"));
    }
    requireTruncate("a draft of speculative", draft);
    if (draft.info().vocabularySize() != target.info().vocabularySize()) {
      throw new IllegalArgumentException(
          "the draft model has a vocabulary of "
              + draft.info().vocabularySize()
              + " tokens, the model one of "
              + target.info().vocabularySize()
              + "; they must have the same");
    }
    return new ModelDraft(draft, target.info(), options, rejection);
  }

  private static void requireTruncate(String what, LanguageModel model) {
    if (!model.info().capabilities().contains(Capability.TRUNCATE)) {
      throw new IllegalArgumentException(
          what
              + " needs a model that can take tokens back; "
              + model.info().architecture()
              + " on "
              + model.info().device()
              + " lacks the capability TRUNCATE");
    }
  }
}
