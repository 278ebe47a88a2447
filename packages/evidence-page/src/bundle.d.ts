/** The script of every page, as `rolldown.config.ts` builds it. */
export declare const script: string
/** The style of every page. */
export declare const style: string
