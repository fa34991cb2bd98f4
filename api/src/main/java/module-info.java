/**
 * Interfaces, values and lookup for autoregressive language modelling: tokenize, score, generate,
 * train. Implementations come from other modules through {@link java.util.ServiceLoader}; this
 * module depends on nothing.
 */
@org.jspecify.annotations.NullMarked
module io.fundamentallm {
  requires static org.jspecify;

  exports io.fundamentallm;
  exports io.fundamentallm.chat;
  exports io.fundamentallm.decoding;
  exports io.fundamentallm.evaluation;
  exports io.fundamentallm.model;
  exports io.fundamentallm.spi;
  exports io.fundamentallm.text;
  exports io.fundamentallm.training;
  exports io.fundamentallm.internal.batching to
      io.fundamentallm.runtime.cpu,
      io.fundamentallm.runtime.gpu;
  exports io.fundamentallm.internal.chat to
      io.fundamentallm.samplers,
      io.fundamentallm.tokenizers;
  exports io.fundamentallm.internal.directory to
      io.fundamentallm.runtime.cpu,
      io.fundamentallm.runtime.gpu;
  exports io.fundamentallm.internal.files to
      io.fundamentallm.runtime.cpu,
      io.fundamentallm.runtime.gpu,
      io.fundamentallm.tokenizers;
  exports io.fundamentallm.internal.gguf to
      io.fundamentallm.runtime.cpu,
      io.fundamentallm.tokenizers;
  exports io.fundamentallm.internal.json to
      io.fundamentallm.runtime.cpu,
      io.fundamentallm.runtime.gpu,
      io.fundamentallm.samplers,
      io.fundamentallm.tokenizers;
  exports io.fundamentallm.internal.numerics to
      io.fundamentallm.samplers;
  exports io.fundamentallm.internal.protobuf to
      io.fundamentallm.runtime.cpu,
      io.fundamentallm.runtime.gpu;

  uses io.fundamentallm.spi.TokenizerProvider;
  uses io.fundamentallm.spi.LanguageModelProvider;
  uses io.fundamentallm.spi.SamplerProvider;
  uses io.fundamentallm.spi.DecoderProvider;
  uses io.fundamentallm.spi.TrainerProvider;
}
