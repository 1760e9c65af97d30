// Owns the English parts of sentences that the engine puts into others: what a file is, why one could not be written. Each is read as a part
// only when it is the whole of a value.

export const PHRASES = {
  a_pdf: 'a PDF document',
  a_zip: 'a ZIP archive or an office document',
  an_empty_zip: 'an empty ZIP archive',
  a_picture: 'a picture',
  a_program: 'a program',
  an_archive: 'an archive',
  a_database: 'a database',
  an_office_document: 'an office document',
  a_text_document: 'a text document',
  a_text: 'a text',
  may_not_write: 'your user may not write there',
  read_only: 'the disk is read-only',
  folder_not_there: 'the folder is not there',
  no_folder: 'a part of the path is no folder',
  folder_has_name: 'a folder has this name',
  path_too_long: 'the path is too long',
  not_installed: 'it is not installed any more',
  no_connection: 'it came to no connection',
  this_computer: 'This computer',
  a_gpu: 'A GPU',
  unknown: 'unknown',
  none: 'none',
} as const;
