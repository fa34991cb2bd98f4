/**
 * Stages of sampler chains, and decoders: each a provider that specs select by name, each with its
 * rule and its source in its Javadoc. Applications name them in a spec and need no type from here.
 */
@org.jspecify.annotations.NullMarked
module io.fundamentallm.samplers {
  requires transitive io.fundamentallm;
  requires com.fasterxml.jackson.core;
  requires com.google.common;
  requires static org.jspecify;

  exports io.fundamentallm.samplers;

  provides io.fundamentallm.spi.DecoderProvider with
      io.fundamentallm.samplers.decode.BeamSearch,
      io.fundamentallm.samplers.decode.ContrastiveSearch,
      io.fundamentallm.samplers.decode.Speculative;
  provides io.fundamentallm.spi.SamplerProvider with
      io.fundamentallm.samplers.AdaptiveP,
      io.fundamentallm.samplers.AllowedTokens,
      io.fundamentallm.samplers.BadWords,
      io.fundamentallm.samplers.Dry,
      io.fundamentallm.samplers.DynamicTemperature,
      io.fundamentallm.samplers.EosPrioritizer,
      io.fundamentallm.samplers.Epsilon,
      io.fundamentallm.samplers.Eta,
      io.fundamentallm.samplers.ExponentialDecayLengthPenalty,
      io.fundamentallm.samplers.ForcedBeginToken,
      io.fundamentallm.samplers.ForcedEndToken,
      io.fundamentallm.samplers.FrequencyPenalty,
      io.fundamentallm.samplers.HuggingFace,
      io.fundamentallm.samplers.LlamaCpp,
      io.fundamentallm.samplers.LogitBias,
      io.fundamentallm.samplers.MinLength,
      io.fundamentallm.samplers.MinNewTokens,
      io.fundamentallm.samplers.MinP,
      io.fundamentallm.samplers.Mirostat,
      io.fundamentallm.samplers.NoRepeatNGram,
      io.fundamentallm.samplers.PLess,
      io.fundamentallm.samplers.PresencePenalty,
      io.fundamentallm.samplers.QuadraticSmoothing,
      io.fundamentallm.samplers.RepetitionPenalty,
      io.fundamentallm.samplers.SequenceBias,
      io.fundamentallm.samplers.SuppressedTokens,
      io.fundamentallm.samplers.TailFree,
      io.fundamentallm.samplers.Temperature,
      io.fundamentallm.samplers.TopA,
      io.fundamentallm.samplers.TopH,
      io.fundamentallm.samplers.TopK,
      io.fundamentallm.samplers.TopNSigma,
      io.fundamentallm.samplers.TopP,
      io.fundamentallm.samplers.Typical,
      io.fundamentallm.samplers.Vllm,
      io.fundamentallm.samplers.Xtc,
      io.fundamentallm.samplers.constraint.ChatAnswerConstraint,
      io.fundamentallm.samplers.constraint.ChoiceConstraint,
      io.fundamentallm.samplers.constraint.GrammarConstraint,
      io.fundamentallm.samplers.constraint.JsonConstraint,
      io.fundamentallm.samplers.constraint.JsonObjectConstraint,
      io.fundamentallm.samplers.constraint.JsonSchemaConstraint,
      io.fundamentallm.samplers.constraint.RegexConstraint;
}
