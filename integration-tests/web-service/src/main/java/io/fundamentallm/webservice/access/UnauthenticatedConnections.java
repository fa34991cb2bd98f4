package io.fundamentallm.webservice.access;

import io.fundamentallm.webservice.settings.ServiceSettings;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Connections whose clients have not shown that they may ask for anything. They get a small share,
 * so that nobody without the key can keep others out; if it is full, the oldest connection is cut,
 * so that every newcomer is served. Thread-safe.
 */
@Component
final class UnauthenticatedConnections {
  private static final Logger LOG = LoggerFactory.getLogger(UnauthenticatedConnections.class);

  private final int max;
  private final RareWarning full;

  /** The oldest first. Guarded by itself. */
  private final Set<ConnectionGuard> open = new LinkedHashSet<>();

  UnauthenticatedConnections(ServiceSettings settings) {
    max = settings.limits().unauthenticated();
    full =
        new RareWarning(
            LOG,
            "connections without the key that were cut for newer ones, as there were more than "
                + max);
  }

  /** Adds a new connection, or one that is no longer known. */
  void add(ConnectionGuard connection) {
    ConnectionGuard oldest = null;
    synchronized (open) {
      open.remove(connection);
      open.add(connection);
      if (open.size() > max) {
        Iterator<ConnectionGuard> first = open.iterator();
        oldest = first.next();
        first.remove();
      }
    }
    if (oldest != null) {
      oldest.cut();
      full.count();
    }
  }

  /** Removes a connection that is now known, or closed. */
  void remove(ConnectionGuard connection) {
    synchronized (open) {
      open.remove(connection);
    }
  }
}
