/** Downloads models from the Hugging Face hub. Nothing else of the library needs it. */
@org.jspecify.annotations.NullMarked
module io.fundamentallm.hub {
  requires transitive io.fundamentallm;
  requires com.fasterxml.jackson.core;
  requires java.net.http;
  requires static org.jspecify;

  exports io.fundamentallm.hub;
}
