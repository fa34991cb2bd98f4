package io.fundamentallm.webservice.request;

import io.fundamentallm.webservice.constraint.ResponseFormats;
import io.fundamentallm.webservice.model.Models;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** One reader of requests for each model in memory. Thread-safe. */
@Component
public final class RequestReaders implements AutoCloseable {
  private final ResponseFormats formats;
  private final ServiceSettings settings;

  /** Guarded by this. */
  private final IdentityHashMap<ServedModel, Reader> readers = new IdentityHashMap<>();

  RequestReaders(Models models, ResponseFormats formats, ServiceSettings settings) {
    this.formats = formats;
    this.settings = settings;
    of(models.first()); // what has to be done once is done before the first request
    models.onUnload(this::forget);
  }

  /** The reader for a model that is in use. */
  public ModelRequests of(ServedModel model) {
    Reader reader;
    synchronized (this) {
      reader = readers.computeIfAbsent(model, its -> new Reader());
    }
    return reader.of(model);
  }

  private void forget(ServedModel model) {
    Reader reader;
    synchronized (this) {
      reader = readers.remove(model);
    }
    if (reader != null) {
      reader.close();
    }
  }

  @Override
  public synchronized void close() {
    readers.values().forEach(Reader::close);
    readers.clear();
  }

  /** What takes long for one model, as compiling its constraints does, holds up no other. */
  private final class Reader {
    private @Nullable ModelRequests requests;

    synchronized ModelRequests of(ServedModel model) {
      if (requests == null) {
        requests = new ModelRequests(model, formats, settings);
      }
      return requests;
    }

    synchronized void close() {
      if (requests != null) {
        requests.close();
      }
    }
  }
}
