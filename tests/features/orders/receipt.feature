@core @http @command-line
Feature: The receipt
  A receipt shows everything about a purchase, from the facts that were stored with the order.

  Rule: A receipt shows the order, the learner, each line, the payment and the refunds

    @ORD-35
    Scenario: The whole receipt, on the page and by email
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      And the shop sells the course run "14.310x-1T2027" for $199.99
      And "6.86x-1T2027" runs from 1 February 2027 to 31 May 2027
      And the code "SPRING" gives 25 percent off "6.86x-1T2027"
      When Ada adds "6.86x-1T2027" to her basket
      And Ada adds "14.310x-1T2027" to her basket
      And Ada enters the code "SPRING"
      And Ada checks out
      And Ada pays with a valid card
      And the scheduled delivery runs
      Then the latest email to Ada shows these facts
        | first title       | Course 6.86x                  |
        | first readable id | course-v1:MITxT+6.86x+1T2027  |
        | first list price  | $39.33                        |
        | discount          | $9.83                         |
        | code              | SPRING                        |
        | first price paid  | $29.50                        |
        | second title      | Course 14.310x                |
        | total             | $229.49                       |
        | card              | Visa ending in 1111           |
      When staff refund $10.05 of Ada's order
      Then Ada's receipt shows the reference of her order
      And Ada's receipt shows these facts
        | name              | Ada                           |
        | email             | ada@example.org               |
        | ordered and paid  | 22 November 2026              |
        | first title       | Course 6.86x                  |
        | first readable id | course-v1:MITxT+6.86x+1T2027  |
        | start of the run  | 1 February 2027               |
        | end of the run    | 31 May 2027                   |
        | first list price  | $39.33                        |
        | discount          | $9.83                         |
        | kind of discount  | 25 % off                      |
        | code              | SPRING                        |
        | first price paid  | $29.50                        |
        | second title      | Course 14.310x                |
        | second price paid | $199.99                       |
        | total             | $229.49                       |
        | card              | Visa ending in 1111           |
        | refunded          | $10.05                        |
        | left after refund | $219.44                       |

    @ORD-36
    Scenario: A price change after the purchase does not change the receipt
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      And Ada bought "6.86x-1T2027"
      When staff change the price of "6.86x-1T2027" to $49.33
      Then Ada's receipt shows "$39.33"
