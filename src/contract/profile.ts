// Owns profiles: options under a name, to be used for a drop or a watched folder.

import * as z from 'zod';
import { jobOptionsPatchSchema } from './options.ts';

export const profileNameSchema = z.string().trim().min(1).max(100);

/** What is left out of `options` comes from the settings as they are when the profile is used. */
export const profileSchema = z.object({ id: z.string(), name: profileNameSchema, options: jobOptionsPatchSchema });
export type Profile = z.infer<typeof profileSchema>;
