/**
 * Tokenizers: text to token ids and back, learned from text or read from a model directory.
 * Applications find them through {@link io.fundamentallm.Tokenizers} and need no type from here;
 * tokenizers of plugins may take their {@linkplain io.fundamentallm.tokenizers.ChatTemplates chat
 * templates} from here.
 */
@org.jspecify.annotations.NullMarked
module io.fundamentallm.tokenizers {
  requires transitive io.fundamentallm;
  requires com.fasterxml.jackson.core;
  requires com.google.common;
  requires static org.jspecify;

  exports io.fundamentallm.tokenizers;

  provides io.fundamentallm.spi.TokenizerProvider with
      io.fundamentallm.tokenizers.AutoProvider,
      io.fundamentallm.tokenizers.BpeProvider,
      io.fundamentallm.tokenizers.ByteProvider,
      io.fundamentallm.tokenizers.CharacterProvider,
      io.fundamentallm.tokenizers.GgufProvider,
      io.fundamentallm.tokenizers.HuggingFaceProvider,
      io.fundamentallm.tokenizers.SentencePieceProvider,
      io.fundamentallm.tokenizers.TiktokenProvider,
      io.fundamentallm.tokenizers.UnigramProvider,
      io.fundamentallm.tokenizers.WordPieceProvider;
}
