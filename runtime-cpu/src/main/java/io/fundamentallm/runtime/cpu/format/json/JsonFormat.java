package io.fundamentallm.runtime.cpu.format.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;

/** How this package reads and writes JSON: a key twice is an error. */
public final class JsonFormat {
  /** Without Jackson's own pool, whose thread-locals keep the application's class loader alive. */
  public static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
          .build();

  private JsonFormat() {}
}
