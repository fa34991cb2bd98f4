/** Errors as clients see them. */
@NullMarked
package io.fundamentallm.webservice.error;

import org.jspecify.annotations.NullMarked;
