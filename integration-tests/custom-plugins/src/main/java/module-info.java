/** A tokenizer, a sampler stage, a decoder and a runtime, found by their names. */
module com.example.plugins {
  requires io.fundamentallm;

  provides io.fundamentallm.spi.TokenizerProvider with
      com.example.plugins.Words;
  provides io.fundamentallm.spi.SamplerProvider with
      com.example.plugins.Lipogram;
  provides io.fundamentallm.spi.DecoderProvider with
      com.example.plugins.Consensus;
  provides io.fundamentallm.spi.LanguageModelProvider with
      com.example.plugins.Bigrams;
}
