/**
 * Stages of sampler chains, and decoders: each a provider that specs select by name, each with its
 * rule and its source in its Javadoc. Applications name them in a spec and need no type from here.
 */
@org.jspecify.annotations.NullMarked
module io.fundamentallm.samplers {
  requires transitive io.fundamentallm;
  requires com.fasterxml.jackson.core;
  requires static org.jspecify;

  exports io.fundamentallm.samplers;

  provides io.fundamentallm.spi.DecoderProvider with
      io.fundamentallm.samplers.decode.BeamSearch,
      io.fundamentallm.samplers.decode.ContrastiveSearch,
      io.fundamentallm.samplers.decode.Speculative;
  provides io.fundamentallm.spi.SamplerProvider with
      io.fundamentallm.samplers.Temperature,
      io.fundamentallm.samplers.TopK,
      io.fundamentallm.samplers.TopP,
      io.fundamentallm.samplers.constraint.ChoiceConstraint,
      io.fundamentallm.samplers.constraint.GrammarConstraint,
      io.fundamentallm.samplers.constraint.JsonConstraint,
      io.fundamentallm.samplers.constraint.JsonSchemaConstraint,
      io.fundamentallm.samplers.constraint.RegexConstraint;
}
