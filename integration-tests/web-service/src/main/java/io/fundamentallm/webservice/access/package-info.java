/** Who may connect, and for how long. */
@NullMarked
package io.fundamentallm.webservice.access;

import org.jspecify.annotations.NullMarked;
